"""The networks' view: which networks there are, what is asked and kept, and what there is to see of it."""

import json
import shutil

import pytest

from gogame.coords import from_gtp
from gogame.geometry import PASS, action_of
from gui.candidates import Candidate
from gui.checkpoints import MOST, kept, shipped
from gui.describe import picture
from gui.engine_worker import position_of
from gui.networks import Networks, run_source
from gui.new_game import make_record
from gui.store import Settings
from nets.config import NetError
from nets.weights import DATA
from tests.gui.looking import NETS, answer, found, opened, run_of
from tests.gui.played import two

# -- which networks ----------------------------------------------------------------------------------------------------


def test_the_networks_of_a_board_come_weakest_first():
    nine = shipped(9)
    assert [net.label for net in nine] == ["5", "10", "21", "42", "104", "228", "290", "518"]
    assert (nine[0].name, nine[-1].name) == ("zero-9x9-minute-05", "zero-9x9")
    assert nine[4].facts(9) == "Elo +459 · 104 minutes of training"
    assert [net.label for net in shipped(19)] == ["42", "104", "records", "selfplay"]
    assert [net.elo for net in shipped(13)] == sorted(net.elo for net in shipped(13))


def test_a_board_without_measurements_has_the_nearest_ones_networks():
    assert [net.name for net in shipped(7)] == NETS
    assert shipped(7)[0].facts(7) == "Elo −671 on 9×9 · 5 minutes of training"


def test_a_runs_networks_come_by_minute_and_the_newest_last(tmp_path):
    run = run_of(tmp_path, 100, 0, 20.25)
    shutil.copy(DATA / "zero-9x9-minute-10.safetensors", run / "net.safetensors")
    nets, problem = kept(run)
    assert [net.label for net in nets] == ["0", "20", "100", "newest"] and not problem
    assert nets[-1].facts(9) == "10 minutes of training"


def test_a_runs_networks_tell_the_elo_that_it_has_measured(tmp_path):
    run = run_of(tmp_path, 0, 20, 40)
    told = [{"name": f"net-{minute:07.2f}", "seconds": 60 * minute} for minute in (0, 20)]
    elo = {"net-0000.00": [0.0, 0.0], "net-0020.00": [312.4, 50.0]}
    (run / "ratings.json").write_text(json.dumps({"nets": told, "results": [], "elo": elo}))
    facts = [net.facts(9) for net in kept(run)[0]]
    assert facts[1] == "Elo +312 in its run · 20 minutes of training" and facts[2] == "40 minutes of training"
    (run / "ratings.json").write_text("{" * 9999)
    assert [net.elo for net in kept(run)[0]] == [None] * 3


def test_a_newest_network_that_was_kept_comes_once(tmp_path):
    run = run_of(tmp_path, 0, 5.1)
    shutil.copy(DATA / "zero-9x9-minute-05.safetensors", run / "net.safetensors")
    assert [net.label for net in kept(run)[0]] == ["0", "5"]


def test_of_many_networks_the_ends_and_some_between_are_shown(tmp_path):
    labels = [net.label for net in kept(run_of(tmp_path, *range(100)))[0]]
    assert len(labels) == MOST and (labels[0], labels[-1]) == ("0", "99")


def test_a_broken_network_is_left_out_and_told(tmp_path):
    run = run_of(tmp_path, 0, 10)
    (run / "nets" / "net-0020.00.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    (run / "nets" / ".net-0030.00.safetensors").write_bytes(b"")
    nets, problem = kept(run)
    assert len(nets) == 2 and "net-0020.00" in problem and "\n" not in problem
    with pytest.raises(NetError, match="no networks"):
        kept(tmp_path / "nowhere")


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_closed_it_asks_nothing():
    play = two()
    networks = Networks(play.session)
    play.click("E5", "C3")
    networks.follow()
    assert play.link.sent == []


def test_opened_it_asks_all_networks_once_and_the_chosen_one_first():
    play, networks, link = opened()
    kind, position, asked = link.sent[0]
    assert position == position_of(play.session.shown_game)
    assert [key for key, _ in asked] == [net.key for net in reversed(networks.nets)]
    networks.follow()
    assert len(link.sent) == 1 and networks.net.name == "zero-9x9"
    play.click("E5")
    networks.follow()
    assert len(link.sent) == 2 and link.sent[1][1] != position
    networks.receive(answer(networks, link))
    play.session.go(-1)
    networks.follow()
    assert len(link.sent) == 2 and networks.view is not None  # it is known


def test_another_network_that_is_not_known_yet_is_asked_for_first():
    play = two()
    networks = Networks(play.session)
    networks.toggle()
    networks.choose(2)
    assert [dict(s[2]) for s in play.link.sent][1].keys() == dict(play.link.sent[0][2]).keys()
    assert play.link.sent[1][2][0][0] == networks.net.key
    networks.receive((7, "views", 1001, 0, ((networks.net.key, found()),)))
    assert networks.view is None  # an answer to the question before
    networks.receive((7, "views", 1002, 5, ((networks.net.key, found()),)))
    assert networks.view.winrate == 0.6 and networks.told() == ("Loading: 3 of 8 networks", "info")


def test_it_changes_nothing_of_the_game():
    play = two()
    play.click("E5", "C3")
    saves, line = play.saves, play.moves
    networks = Networks(play.session)
    networks.toggle()
    networks.receive(answer(networks, play.link))
    networks.step(-3)
    networks.toggle()
    assert (play.saves, play.moves, play.link.asked) == (saves, line, []) and play.session.live.winrate is None


def test_closing_forgets_and_says_so():
    _, networks, link = opened()
    networks.toggle()
    assert link.sent[-1] == ("views end",)
    networks.toggle()
    assert link.sent[-1][0] == "views" and networks.view is None


def test_a_network_that_fails_costs_a_line():
    play = two()
    networks = Networks(play.session)
    networks.toggle()
    networks.receive(answer(networks, play.link, "truncated network"))
    assert networks.told() == ("truncated network", "error") and networks.view is None
    networks.follow()
    assert len(play.link.sent) == 1  # nor is it tried again and again


def test_a_new_process_is_asked_again():
    play = two()
    networks = Networks(play.session)
    networks.toggle()
    play.link.state, play.link.detail = "error", "it has ended"
    assert not networks.receive((7, "down", "it has ended"))
    networks.follow()
    assert len(play.link.sent) == 1 and "it has ended" in networks.told()[0]
    play.link.state = "loading"
    networks.follow()
    assert len(play.link.sent) == 2


def test_another_board_has_other_networks():
    play, networks, link = opened()
    play.session.load(make_record(Settings(size=19)))
    networks.follow()
    assert [net.name for net in networks.nets] == [net.name for net in shipped(19)] and networks.net.label == "selfplay"
    assert networks.receive(answer(networks, link, found(19, "Q4"))) and networks.top(1)[0][0] == from_gtp("Q4", 19)


def test_a_run_shows_what_it_has_made_since_when_opened_again(tmp_path):
    run = run_of(tmp_path, 0, 10)
    play = two()
    networks = Networks(play.session, run_source(run))
    networks.toggle()
    assert [net.label for net in networks.nets] == ["0", "10"]
    run_of(tmp_path, 20)
    networks.toggle()
    networks.toggle()
    assert [net.label for net in networks.nets] == ["0", "10", "20"]
    shutil.rmtree(run / "nets")
    networks.toggle()
    networks.toggle()
    assert networks.net is None and networks.told()[1] == "error" and networks.on_board(None) is None


# -- what is to be seen ------------------------------------------------------------------------------------------------


def test_the_prior_of_a_move_over_the_networks():
    _, networks, _ = opened()
    e5, c3 = from_gtp("E5", 9), from_gtp("C3", 9)
    assert networks.subject() == e5
    assert networks.priors(e5) == pytest.approx([0.1 * (i + 1) for i in range(8)])
    networks.pointed = c3
    assert networks.subject() == c3 and networks.priors(c3)[0] == pytest.approx(0.9 / 81)
    assert networks.winrates() == [0.6] * 8
    assert networks.view.prior(PASS, 9) == pytest.approx(0.2 / 81)


def test_what_is_not_legal_is_not_followed():
    play, networks, link = opened()
    what = found()
    what[2][action_of(from_gtp("C3", 9), 9)] = 0
    play.click("G7")
    networks.follow()
    networks.receive(answer(networks, link, what))
    networks.pointed = from_gtp("C3", 9)
    assert networks.subject() == from_gtp("E5", 9)


def test_the_board_shows_moves_or_territory_and_gives_way():
    play, networks, _ = opened()
    plain = picture(play.session, None)
    heat = networks.on_board(plain).heat
    assert heat[0] == (from_gtp("E5", 9), pytest.approx(0.8)) and plain.heat == ()
    networks.choose(0)
    priors = [prior for _, prior in networks.on_board(plain).heat]
    assert priors == sorted(priors, reverse=True) and len(priors) == 81
    networks.territory = True
    shown = networks.on_board(plain)
    assert shown.ownership == (0.75,) * 81 and not shown.heat
    play.session.ownership = (1.0,) * 81  # the engine's own estimate was asked for
    asked = picture(play.session, None)
    assert networks.on_board(asked) is asked
    play.session.ownership, networks.territory = (), False
    play.session.candidates = (Candidate(from_gtp("C3", 9), 10, 0.5, 1.0),)
    assert networks.on_board(picture(play.session, None)).heat
    play.session.pointed_at = from_gtp("C3", 9)  # its variation
    assert not networks.on_board(picture(play.session, None)).heat


def test_a_count_hides_it():
    play = two()
    networks = Networks(play.session)
    networks.toggle()
    play.click("E5")
    play.session.pass_()
    play.session.pass_()
    play.session.receive(("score", 1, (), (0.0,) * 81))
    networks.follow()
    networks.receive(answer(networks, play.link))
    counted = picture(play.session, None)
    assert counted.territory and networks.view is not None and networks.on_board(counted) is counted

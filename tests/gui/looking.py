"""Answers of networks that are looked through in the networks' view."""

import os

import numpy as np

from gogame.coords import from_gtp
from gogame.geometry import action_of
from gui.checkpoints import shipped
from gui.networks import Networks
from nets.weights import DATA
from tests.gui.played import two

NETS = [net.name for net in shipped(9)]


def found(size=9, best="E5", prior=0.5, winrate=0.6, lead=2.0):
    """What a network says: one move of this prior, the rest spread over the others."""
    policy = np.full(size * size + 1, (1 - prior) / (size * size), np.float32)
    policy[action_of(from_gtp(best, size), size)] = prior
    return winrate, lead, policy, np.full(size * size, 0.75, np.float32)


def answer(networks, link, what=found, loading=0):
    """All networks of the newest question answer; ``what`` may depend on the number of the network."""
    kind, _, asked = link.sent[-1]
    assert kind == "views"
    index = {net.key: i for i, net in enumerate(networks.nets)}
    message = tuple((key, what(prior=0.1 * (1 + index[key])) if what is found else what) for key, _ in asked)
    return (7, "views", 1000 + len(link.sent), loading, message)


def opened(**settings):
    """(play, networks, link) with the view open and answered."""
    play = two(**settings)
    networks = Networks(play.session)
    networks.toggle()
    assert networks.receive(answer(networks, play.link))
    return play, networks, play.link


def run_of(folder, *minutes):
    (folder / "nets").mkdir(parents=True, exist_ok=True)
    for minute in minutes:
        os.symlink(DATA / "zero-9x9-minute-05.safetensors", folder / "nets" / f"net-{minute:07.2f}.safetensors")
    return folder

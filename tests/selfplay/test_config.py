"""The run's config: it is written and read back unchanged, what is wrong is one line, the schedules follow the plan."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nets import learn_config
from nets.config import NetError
from nets.toml import MAX_BYTES, value_text
from nets.train_config import TrainConfig
from selfplay import command
from selfplay.config import (
    TRAIN_DEFAULTS,
    ConfigError,
    RunConfig,
    read_config,
    with_settings,
    write_config,
)
from selfplay.schedule import learning_rate, simulations


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    changed = with_settings(
        RunConfig(),
        ("run.size=13", "run.net=plain-6x96", "learn.reuse=2", "schedule.drops=[0.5]", "train.bf16=false",
         "train.optimizer=adam", "selfplay.komi=-3.5", "schedule.lr_per_sample=1e-5"),
    )  # fmt: skip
    assert changed.run.net == "plain-6x96" and changed.learn.reuse == 2.0 and changed.schedule.drops == (0.5,)
    assert changed.train == TRAIN_DEFAULTS | {"bf16": False, "optimizer": "adam"}
    for config in (RunConfig(), changed):
        write_config(tmp_path / "config.toml", config)
        assert read_config(tmp_path / "config.toml") == config
    assert not list(tmp_path.glob(".*"))


def test_every_knob_is_explained_beside_its_value(tmp_path: Path) -> None:
    write_config(tmp_path / "config.toml", RunConfig())
    lines = (tmp_path / "config.toml").read_text().splitlines()
    keys = [line for line in lines if " = " in line]
    assert len(keys) > 60 and all("  # " in line for line in keys)
    (clip,) = [line for line in lines if "clip = " in line]
    assert clip.startswith("# clip = 5.0  # "), "what is not set is told with its default"
    for number, line in enumerate(lines):  # ... and can be set where it stands
        lines[number] = line.removeprefix("# ") if " = " in line else line
    (tmp_path / "all.toml").write_text("\n".join(lines))
    every = read_config(tmp_path / "all.toml")
    assert dataclasses.replace(every, train=TRAIN_DEFAULTS) == RunConfig()
    defaults = {f.name: f.default for f in dataclasses.fields(TrainConfig)}
    defaults.pop("lr")
    assert every.train == defaults | TRAIN_DEFAULTS


def test_a_file_may_say_little(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("")
    assert read_config(path) == RunConfig()
    path.write_text("[run]\nsize = 7\n[train]\nema = 0.9\n")
    assert read_config(path) == dataclasses.replace(
        RunConfig(), run=dataclasses.replace(RunConfig().run, sizes=(7,)), train=TRAIN_DEFAULTS | {"ema": 0.9}
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
@pytest.mark.timeout(100)
def test_a_file_that_might_never_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    os.mkfifo(path)
    for read, error in ((read_config, ConfigError), (learn_config.read_config, NetError)):
        with pytest.raises(error, match="config.toml.*a pipe or a device, not a file|a pipe.*config.toml"):
            read(path)
    path.unlink()
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than 1,048,576 bytes"):
        read_config(path)


def test_a_file_with_two_ways_to_say_the_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[run]\nsizes = [9, 13]\n")
    assert read_config(path).run.sizes == (9, 13)
    path.write_text("[run]\nsize = 9\nsizes = [9, 13]\n")
    with pytest.raises(ConfigError, match="one of them"):
        read_config(path)
    path.write_text(f"[run]\ntotal_minutes = 1{'0' * 400}\n")
    with pytest.raises(ConfigError, match="finite"):
        read_config(path)


def test_the_last_of_several_sizes_given_counts() -> None:
    assert with_settings(RunConfig(), ("run.size=7", "run.sizes=[9, 13]")).run.sizes == (9, 13)
    assert with_settings(RunConfig(), ("run.sizes=[9, 13]", "run.size=7")).run.sizes == (7,)


def test_the_training_defaults_are_known_to_the_trainer() -> None:
    assert TrainConfig.from_dict(TRAIN_DEFAULTS).optimizer == "momentum"


@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.booleans(), st.integers(-(2**60), 2**60)))
def test_every_value_survives_toml(value: str | bool | int) -> None:
    back = tomllib.loads(f"value = {value_text(value)}")["value"]
    assert back == value and type(back) is type(value)


@given(st.lists(st.floats(allow_nan=False), max_size=4))
def test_every_list_of_numbers_survives_toml(values: list[float]) -> None:
    assert tomllib.loads(f"value = {value_text(values)}")["value"] == values


@pytest.mark.parametrize(
    "setting, word",
    [
        ("run.size=5", "run.size"),
        ("run.size=9.5", "run.size"),
        ("run.size=true", "run.size"),
        ("run.sizes=[]", "run.sizes"),
        ("run.sizes=[9, 7]", "ascend"),
        ("run.sizes=[9, 9]", "ascend"),
        ("run.sizes=[9, 21]", "run.size"),
        ("run.sizes=9", "run.sizes"),
        ("run.shares=[1, 2]", "run.shares"),
        ("run.shares=[0.0]", "run.shares"),
        ("run.shares=[nan]", "run.shares"),
        ("run.speed=1", "unknown key: run.speed"),
        ("walk.size=9", "unknown table: walk"),
        ("run.net=big", "network shape"),
        ("size=9", "table.key=value"),
        ("run.size", "table.key=value"),
        ("run.total_minutes=nan", "total_minutes"),
        ("run.games=0", "run.games"),
        ("run.seed=-1", "run.seed"),
        ("run.seed=4294967296", "run.seed"),
        ("run.keep_minutes=0", "run.keep_minutes"),
        ("selfplay.length=0", "selfplay.length"),
        ("selfplay.considered=0", "selfplay.considered"),
        ("selfplay.komi=nan", "selfplay.komi"),
        ("selfplay.komi_spread=-1", "komi_spread"),
        ("selfplay.wide_spread=-1", "wide_spread"),
        ("selfplay.wide_share=1.5", "wide_share"),
        ("selfplay.opening_mean=-1", "opening_mean"),
        ("selfplay.prefix_share=1.1", "prefix_share"),
        ("selfplay.groups=0", "selfplay.groups"),
        ("learn.batch=0", "learn.batch"),
        ("learn.window_most=10", "window_most"),
        ("learn.window_start=0", "window_start"),
        ("learn.window_power=0", "window_power"),
        ("learn.window_power=1000", "window_power"),
        ("learn.window_growth=1e9", "window_growth"),
        ("selfplay.simulations=1", "simulations"),
        ("train.lr=0.5", "schedule.lr_per_sample"),
        ("schedule.simulations_at=[0.0, 0.9, 0.1]", "ascend"),
        ("schedule.simulations_at=[0.5, 0.6, 7.0]", "ascend"),
        ("learn.value_mix=1.5", "value_mix"),
        ("schedule.simulations=[8]", "same length"),
        ("schedule.simulations=[1, 8, 8]", "simulations"),
        ("schedule.simulations=[8, 16.5, 32]", "list of int"),
        ("schedule.drops=0.5", "schedule.drops"),
        ("schedule.drops=['a']", "list of float"),
        ("measure.opponents=0", "opponents"),
        ("measure.games=1", "measure.games"),
        (f"measure.games={10**22}", "measure.games"),
        (f"selfplay.considered={10**15}", "selfplay.considered"),
        ("learn.reuse=1e308", "learn.reuse"),
        (f"run.total_minutes=1{'0' * 400}", "run.total_minutes must be a finite number"),
        (f"schedule.drops=[1{'0' * 400}]", "schedule.drops must be a finite number"),
        (f"run.seed=1{'0' * 5000}", "run.seed"),
        (f"run.size={'[' * 5000}", "run.sizes"),
        ("train.two words=1", "unknown key"),
        ("run.sizes=9", "of the type list"),
        ("run.checkpoint_seconds=-1", "run.checkpoint_seconds"),
        ("learn.first_positions=-5", "learn.first_positions"),
        (f"learn.window_most={10**20}", "learn.window_most"),
        ("schedule.lr_per_sample=1e308", "schedule.lr_per_sample"),
        ("schedule.warmup_minutes=-1", "schedule.warmup_minutes"),
        ("schedule.drops=[0.5, -1]", "schedule.drops"),
        ("measure.minutes=-3", "measure.minutes"),
        ("selfplay.c_puct=-1", "selfplay.c_puct"),
        ("selfplay.c_scale=1e9", "selfplay.c_scale"),
        ("train.optimizer=[1]", "train.optimizer"),
    ],
)
def test_bad_settings_are_refused_in_one_line(setting: str, word: str) -> None:
    with pytest.raises((ConfigError, NetError)) as caught:
        with_settings(RunConfig(), (setting,))
    assert word in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["[run\n", "run = 3\n", "[run]\nsize = 5\n", "[[run]]\nsize = 9\n", "\0", "[run]\nnet = 4\n", "a=" + "[" * 5000],
)
def test_a_bad_file_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_a_run_of_the_other_kind_is_named(tmp_path: Path) -> None:
    """Both configs have a table ``learn``: an unknown key of it told little."""
    for name in ("learn", "selfplay"):
        (tmp_path / name).mkdir()
    learn_config.write_config(tmp_path / "learn" / "config.toml", learn_config.LearnConfig())
    write_config(tmp_path / "selfplay" / "config.toml", RunConfig())
    with pytest.raises(NetError, match=r"selfplay/config.toml: not of a run of gogame learn"):
        learn_config.read_config(tmp_path / "selfplay" / "config.toml")
    with pytest.raises(ConfigError, match=r"learn/config.toml: of a run of gogame learn, not of gogame selfplay"):
        read_config(tmp_path / "learn" / "config.toml")
    (tmp_path / "few.toml").write_text("[learn]\nbatch = 64\n")
    assert read_config(tmp_path / "few.toml").learn.batch == 64


def test_what_is_no_text_or_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "bytes.toml", tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            read_config(path)


def test_the_learning_rate_warms_up_and_drops() -> None:
    config = with_settings(
        RunConfig(),
        ("run.total_minutes=100", "learn.batch=100", "schedule.lr_per_sample=1e-3", "schedule.drops=[0.5, 0.9]"),
    )
    minutes = [0, 0.99, 1.01, 49.9, 50, 89.9, 90, 1000]
    rates = [learning_rate(config, 60 * m) for m in minutes]
    assert rates == pytest.approx([0.1 / 3, 0.1 / 3, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
    short = with_settings(config, ("run.total_minutes=1",))  # the warm-up is no more than a tenth of it
    assert learning_rate(short, 5.9) == pytest.approx(0.1 / 3) and learning_rate(short, 6.1) == pytest.approx(0.1)


def test_the_simulations_grow_by_the_plan() -> None:
    config = with_settings(
        RunConfig(),
        ("run.total_minutes=10", "schedule.simulations=[4, 8, 64]", "schedule.simulations_at=[0.1, 0.5, 0.75]"),
    )
    minutes = [0, 0.5, 1, 4.9, 5, 7.4, 7.5, 10, 99]
    assert [simulations(config, 60 * m) for m in minutes] == [4, 4, 4, 4, 8, 8, 64, 64, 64]


def test_a_gpu_is_given_more_games(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """... but for what the user or the run itself says."""
    monkeypatch.setattr(command, "choose_device", lambda device: "openvino" if device == "cpu" else "cuda")
    folder, template = tmp_path / "run", tmp_path / "template.toml"
    fresh = command.open_config(folder, None, ("learn.batch=512",), {"run.seed": 3}, "auto")
    assert (fresh.run.games, fresh.learn.batch, fresh.run.seed) == (4096, 512, 3)
    assert fresh.schedule.lr_per_sample < RunConfig().schedule.lr_per_sample
    assert command.open_config(folder, None, (), {"run.games": 64}, "auto").run.games == 64
    assert command.open_config(folder, None, (), {}, "cpu") == RunConfig()
    template.write_text("[run]\nsize = 7\n")
    assert command.open_config(folder, template, (), {}, "auto") == with_settings(RunConfig(), ("run.size=7",))
    folder.mkdir()
    write_config(folder / "config.toml", RunConfig())
    assert command.open_config(folder, None, (), {}, "auto") == RunConfig()

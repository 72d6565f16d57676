"""Weights files: the round trip, and one clear line for everything that is not a network."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from nets import weights
from nets.config import NetConfig, NetError, parameter_count, tensor_shapes
from nets.weights import default_net, find_net, load_net, read_header, save_net, shipped_nets


@pytest.fixture
def saved(lively, tmp_path) -> Path:
    _, _, network = lively("2x16")
    save_net(tmp_path / "net.safetensors", network, {"sizes": [9], "origin": "a test"})
    return tmp_path / "net.safetensors"


def parts(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    config, arrays, meta = load_net(path)
    header = {
        "format": "gogame-net",
        "version": "1",
        "config": json.dumps(config.to_dict()),
        "meta": json.dumps(meta),
    }
    return arrays, header


def test_round_trip(saved, lively):
    config, arrays, _ = lively("2x16")
    config_read, arrays_read, meta = load_net(saved)
    assert config_read == config and meta == {"sizes": [9], "origin": "a test"}
    assert list(arrays_read) == list(tensor_shapes(config))
    for name, array in arrays.items():
        assert np.array_equal(arrays_read[name], array)
    assert read_header(saved) == (config, meta)


def test_arrays_save_like_a_network(saved, lively, tmp_path):
    config, arrays, _ = lively("2x16")
    save_net(tmp_path / "again.safetensors", arrays, {"sizes": [9], "origin": "a test"}, config)
    _, expected, meta = load_net(saved)
    _, again, meta_again = load_net(tmp_path / "again.safetensors")
    assert meta_again == meta and all(np.array_equal(again[name], expected[name]) for name in expected)


def test_half_precision_files_are_read(saved, tmp_path):
    arrays, header = parts(saved)
    save_file({n: a.astype(np.float16) for n, a in arrays.items()}, tmp_path / "half.safetensors", header)
    _, half, _ = load_net(tmp_path / "half.safetensors")
    assert all(a.dtype == np.float32 for a in half.values())
    np.testing.assert_allclose(half["stem.conv.weight"], arrays["stem.conv.weight"], atol=1e-3)


def test_saving_is_all_or_nothing(saved, lively, tmp_path):
    config, arrays, _ = lively("2x16")
    before = saved.read_bytes()
    for change in (
        {"stem.conv.weight": np.zeros((1, 2))},
        {"stem.norm.bias": np.full(16, np.nan, np.float32)},
    ):
        with pytest.raises(NetError, match="cannot save"):
            save_net(saved, arrays | change, {}, config)
    assert saved.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.safetensors"]


def test_every_truncation_is_refused(saved, tmp_path):
    data = saved.read_bytes()
    cut = tmp_path / "cut.safetensors"
    for length in [0, 1, 7, 8, 9, 100, 2000, len(data) // 2, len(data) - 1]:
        cut.write_bytes(data[:length])
        with pytest.raises(NetError) as error:
            load_net(cut)
        assert "\n" not in str(error.value) and "cut.safetensors" in str(error.value)


def test_noise_is_refused(saved, tmp_path):
    rng = np.random.default_rng(5)
    noisy = tmp_path / "noisy.safetensors"
    data = bytearray(saved.read_bytes())
    header = struct.unpack("<Q", data[:8])[0]
    refused = 0
    for _ in range(60):  # a flip in the header: refused, or harmless; never another exception
        broken = bytearray(data)
        broken[int(rng.integers(8 + header))] ^= 1 << int(rng.integers(8))
        noisy.write_bytes(broken)
        try:
            load_net(noisy)
        except NetError as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused > 40


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        bytes(1000),
        struct.pack("<Q", 1 << 62) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 5) + b"{nope",
        struct.pack("<Q", 200_000) + b"{" + b'"a":{' * 39_999 + b"    ",
    ],
)
def test_foreign_files_are_refused(content, tmp_path):
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(NetError) as error:
        load_net(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other"}, "not one of this program's"),
        ({"version": "2"}, "format version 2"),
        ({"config": "{"}, "config cannot be read"),
        ({"config": "[]"}, "table"),
        ({"config": json.dumps(NetConfig.named("4x16").to_dict())}, "not those of its config"),
        ({"config": json.dumps(NetConfig.named("2x24").to_dict())}, "another shape"),
        ({"config": json.dumps(NetConfig.named("2x16").to_dict() | {"channels": 10**12})}, "channels"),
        ({"meta": "7"}, "description"),
    ],
)
def test_headers_that_do_not_fit(change, words, saved, tmp_path):
    arrays, header = parts(saved)
    save_file(arrays, tmp_path / "odd.safetensors", header | change)
    with pytest.raises(NetError, match=words):
        load_net(tmp_path / "odd.safetensors")


def test_tensors_that_do_not_fit(saved, tmp_path):
    arrays, header = parts(saved)
    path = tmp_path / "odd.safetensors"
    for change in (
        {"extra": np.zeros(3, np.float32)},
        {"stem.norm.weight": np.zeros(16, np.float64)},
        {"stem.norm.weight": np.full(16, np.inf, np.float32)},
        {"stem.norm.running_var": np.full(16, -1, np.float32)},
    ):
        save_file(arrays | change, path, header)
        with pytest.raises(NetError):
            load_net(path)
    del arrays["value.score.bias"]
    save_file(arrays, path, header)
    with pytest.raises(NetError, match="not those of its config"):
        load_net(path)


@pytest.mark.parametrize("shape", ["2x16", "29x512", "64x512"])
def test_a_file_may_be_as_large_as_its_config_says(shape, saved, tmp_path):
    """64x512 is the largest in bounds. The file ends in a hole: it takes no room."""
    config = NetConfig.named(shape)
    large = tmp_path / "large.safetensors"
    header = {"format": "gogame-net", "version": "1", "config": json.dumps(config.to_dict())}
    save_file({}, large, header)
    most = 4 * parameter_count(config) + 8 + weights.MAX_HEADER_BYTES
    os.truncate(large, most)
    assert read_header(large) == (config, {})
    os.truncate(large, most + 1)
    with pytest.raises(NetError, match=f"large.safetensors: too large, {most + 1:,} bytes; .* has {most:,} at most"):
        load_net(large)


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "device"])
def test_pipes_and_devices_are_refused_at_once(kind, tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in this system's folders")
    path = tmp_path / "net.safetensors"
    if kind == "device":
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(tmp_path / "pipe" if "link" in kind else path)
        if "link" in kind:
            path.symlink_to(tmp_path / "pipe")
    for function in ("load_net", "read_header"):
        code = f"import nets.weights; nets.weights.{function}({str(path)!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.stderr.endswith(f"NetError: {path}: a pipe or a device, not a network\n")


def test_missing_files_and_folders(tmp_path, monkeypatch):
    with pytest.raises(NetError, match="cannot read.*No such file"):
        load_net(tmp_path / "nothing.safetensors")
    with pytest.raises(NetError, match="folder"):
        load_net(tmp_path)
    with pytest.raises(NetError, match="neither a file nor one of the shipped"):
        find_net("no-such-net", 9)
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "net.safetensors").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    for folder in ("first", tmp_path / "first"):  # of a run: its network is meant
        with pytest.raises(NetError, match="a folder, not a network; its network is .*first/net.safetensors"):
            find_net(folder, 9)
    with pytest.raises(NetError, match="boards from 7 to 19, not 5"):
        find_net(None, 5)


def test_the_registry(lively, tmp_path, monkeypatch):
    config, arrays, _ = lively("2x16")
    monkeypatch.setattr(weights, "DATA", tmp_path)
    with pytest.raises(NetError, match="no network is installed"):
        default_net(9)
    for name, meta in (
        ("nine", {"sizes": [9], "rank": 1}),
        ("nine-better", {"sizes": [9], "rank": 2}),
        ("nineteen", {"sizes": [19], "best_on": [13, "14"]}),
        ("odd", {"sizes": "9", "rank": "high"}),
    ):
        save_net(tmp_path / f"{name}.safetensors", arrays, meta, config)
    assert [net.name for net in shipped_nets()] == ["nine", "nine-better", "nineteen", "odd"]
    assert default_net(9).name == "nine-better" and default_net(7).name == "nine-better"
    assert default_net(19).name == "nineteen" and default_net(12).name == "nineteen"
    assert default_net(10).name == "nine-better"
    assert find_net("nine", 19).name == "nine"
    with pytest.raises(NetError, match="no network"):
        find_net("n" * 300, 9)
    assert find_net(tmp_path / "nine.safetensors", 9).sizes == (9,)
    assert find_net("odd", 9).sizes == ()
    assert find_net("nineteen", 9).sizes == (19,) and find_net("nineteen", 9).best_on == (13,)
    (tmp_path / "measured.json").write_text(
        '{"nine": {"elo": {"9": 12, "13": "?"}, "elo_visits": {"9": 400}}, "gone": {"elo": {"9": 1}}}'
    )
    nine = find_net("nine", 9)
    assert nine.meta == {"sizes": [9], "rank": 1, "elo": {"9": 12, "13": "?"}, "elo_visits": {"9": 400}}
    assert (nine.elo(9), nine.elo(13), nine.elo(19)) == (12, None, None)
    assert (nine.elo_visits(9), nine.elo_visits(13)) == (400, None)
    assert find_net("nine-better", 9).meta == {"sizes": [9], "rank": 2}


def test_the_shipped_networks_load():
    for net in shipped_nets():
        config, _, meta = load_net(net.path)
        assert config == net.config
        assert net.sizes and meta["origin"] and meta["strength"], f"{net.name} does not say where it comes from"
        assert 9 not in net.sizes or (net.elo(9) is not None and "rank" in net.meta), f"{net.name} is not measured"


@pytest.mark.parametrize(("sizes", "name"), [((7, 11), "zero-9x9"), ((12, 19), "selfplay-13x13")])
def test_the_default_network_of_each_size(sizes, name):
    assert {default_net(size).name for size in range(sizes[0], sizes[1] + 1)} == {name}


def test_loading_needs_no_torch(saved):
    code = f"import sys, nets.weights as w; w.load_net({str(saved)!r}); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

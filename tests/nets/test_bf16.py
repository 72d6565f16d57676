"""Where bfloat16 is taken on a CPU."""

from __future__ import annotations

import pytest

from nets import bf16


@pytest.mark.parametrize(
    ("name", "features", "has", "gains"),
    [
        ("znver4", {"avx512bf16": True, "amx-bf16": False}, True, True),
        ("sapphirerapids", {"avx512bf16": True, "amx-bf16": True}, True, True),
        ("emeraldrapids", {"avx512bf16": True, "amx-bf16": False}, True, False),  # a machine that hides its AMX
        ("znver3", {"avx512bf16": False}, False, False),
        ("apple-m1", None, False, False),
    ],
)
def test_bfloat16_is_taken_where_it_is_faster(monkeypatch, name, features, has, gains):
    def known():
        if features is None:
            raise RuntimeError("failed to get host cpu features")
        return features

    monkeypatch.setattr(bf16.binding, "get_host_cpu_features", known)
    monkeypatch.setattr(bf16.binding, "get_host_cpu_name", lambda: name)
    bf16._able.cache_clear()
    try:
        assert (bf16.cpu_has_bf16(), bf16.cpu_gains_by_bf16()) == (has, gains)
    finally:
        bf16._able.cache_clear()

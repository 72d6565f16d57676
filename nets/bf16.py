"""Whether bfloat16 is worth it on this CPU."""

from __future__ import annotations

from functools import lru_cache

from llvmlite import binding


@lru_cache(maxsize=1)
def _able() -> dict[str, bool]:
    try:
        return dict(binding.get_host_cpu_features())
    except RuntimeError:  # not known of this kind of CPU
        return {}


def cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 itself (AMX or AVX512_BF16); emulation is slower than float32."""
    return bool(_able().get("amx-bf16") or _able().get("avx512bf16"))


def cpu_gains_by_bf16() -> bool:
    """Whether the CPU computes networks faster in bfloat16 than in float32: with AMX, or AVX512_BF16 on AMD (since
    Zen 4).

    Intel's cores without AMX have the instruction, but make no more multiplications with it, and the conversions cost:
    on Emerald Rapids whose AMX is hidden, a training step takes 1.3 times as long (``python -m benchmarks.steps``).
    """
    amd = binding.get_host_cpu_name().startswith("znver")
    return bool(_able().get("amx-bf16") or (_able().get("avx512bf16") and amd))

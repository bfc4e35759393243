"""The clock of the benchmarks, and what it ran on."""

import os
import platform
import time
from importlib import metadata
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

# Idle threads of OpenBLAS and OpenMP wait actively for some milliseconds before they
# sleep: without a pause they would take cores from whoever comes next.
_PAUSE = 0.03


def best_seconds(functions, n_runs):
    """Seconds of the fastest of several runs of each function, in turn.

    Parameters
    ----------
    functions : dict of str to callable

    n_runs : int

    Returns
    -------
    best : dict of str to float
    """
    best = dict.fromkeys(functions, np.inf)
    for _ in range(n_runs):
        for name, function in functions.items():
            time.sleep(_PAUSE)
            start = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def machine():
    """Return one line on the processor, its load, the versions and the kernels of BLAS."""
    packages = [
        f"{name} {metadata.version(name)}"
        for name in ("numpy", "scipy", "scikit-learn", "torch")
        if _is_installed(name)
    ]
    blas = {
        f"{one['internal_api']} {one['version']} ({one.get('architecture', 'unknown')})"
        for one in threadpool_info()
        if one["user_api"] == "blas"
    }
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    cpu = f"{_cpu()}, {os.cpu_count()} cores{load}"
    return f"{cpu}; {', '.join(packages)}; {', '.join(sorted(blas))}"


def _is_installed(package):
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _cpu():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

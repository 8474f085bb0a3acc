"""What a measurement was made on."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """The cores, the processor, the kernel and Python, in a line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {cpu}, Linux {platform.release().split('-')[0]}, {python}"

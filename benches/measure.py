"""What the measuring scripts share: one process measured, and the machine it ran on."""

import datetime
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAGASIM = ROOT / "target" / "release" / "sagasim"


@dataclass
class Measured:
    """A process that has ended well."""

    out: str
    # Processor time from its start to its exit, user and system.
    cpu_s: float
    # Largest resident set.
    peak_bytes: int


def stop(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def measured(command):
    """Runs a command; what it writes to stderr is shown only if it fails."""
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # The pipes are read before the process is waited for: wait4 alone knows what it has used.
    out = process.stdout.read()
    err = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        stop(f"{process.args} ended with {process.returncode}\n{err}{out}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(out, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def build(command, folder=ROOT, **env):
    """Runs a build; its output goes to stderr."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, env={**os.environ, **env}, stdout=sys.stderr)
    if done.returncode != 0:
        stop(f"{' '.join(words)} ended with {done.returncode}")


def build_sagasim():
    build(["cargo", "build", "--release", "--locked"])


def sagasim(scenario, out):
    """The command that runs a scenario and prints its summary."""
    return [SAGASIM, "run", scenario, "--format", "json", "--quiet", "--out", out]


def first_line(command, folder=ROOT):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout.strip()


def version():
    """sagasim's version, and its commit."""
    number = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    commit = first_line(["git", "describe", "--always", "--dirty", "--exclude", "*"])
    return f"{number} ({commit})" if commit else number


def machine():
    """Processor, cores, memory, system."""
    processor = platform.processor() or platform.machine()
    try:
        found = re.search(r"^model name\s*: (.+)", Path("/proc/cpuinfo").read_text(), re.M)
        processor = found[1] if found else processor
    except OSError:
        pass
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{processor}, {os.cpu_count()} cores, {gib:.0f} GiB, {system}"


def load():
    """How many processes wanted a core in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def grouped(number):
    """1234567 as 1 234 567."""
    return f"{round(number):,}".replace(",", " ")


def rounded(number):
    """A count with three digits that mean something."""
    digits = len(str(round(number)))
    return grouped(round(number, 3 - digits)) if digits > 3 else f"{number:.3g}"


def table(head, rows):
    """A table in Markdown; a heading that ends with `:` is aligned to the right."""
    cells = [[text.rstrip(":") for text in head]]
    cells.append(["--:" if text.endswith(":") else "---" for text in head])
    return "\n".join("| " + " | ".join(row) + " |" for row in cells + rows)


def write(name, text):
    file = ROOT / "docs" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    print(f"written: docs/{name}")

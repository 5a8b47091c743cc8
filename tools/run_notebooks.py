"""Run the notebooks afresh and keep what comes out.

    python -m tools.run_notebooks [NAME...]

Every notebook runs in its own kernel, this interpreter with this checkout's adsim. What is kept is
the same on every run: no clock times, no progress, no machine's paths.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
SECONDS_A_CELL = 600  # the first run compiles kernels
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class ThisInterpreter(KernelSpecManager):
    """Knows one kernel: the running interpreter, whatever is installed on the machine."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name=kernel_name, language="python")


class LocalKernel(AsyncKernelManager):
    """A kernel of this interpreter that talks through files, not through the network."""

    def __init__(self, **settings: object) -> None:
        super().__init__(kernel_spec_manager=ThisInterpreter(), transport="ipc", **settings)


def run_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a fresh run; raises CellExecutionError where one fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_manager_class=LocalKernel,
        timeout=SECONDS_A_CELL,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    code = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, code))}
    with TemporaryDirectory() as folder:
        client.create_kernel_manager().ip = str(Path(folder, "kernel"))
        client.execute(env=found)
    return tidy(notebook)


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without what differs from run to run; standard error holds only progress."""
    notebook["metadata"] = nbformat.from_dict(METADATA)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [*joined(cell["outputs"])]
    return notebook


def joined(outputs: list[nbformat.NotebookNode]) -> Iterator[nbformat.NotebookNode]:
    """What was printed as one text, however the kernel's buffer has cut it, then the rest."""
    printed = "".join(one["text"] for one in outputs if one.get("name") == "stdout")
    if printed:
        yield nbformat.v4.new_output("stream", name="stdout", text=printed)
    yield from (one for one in outputs if one["output_type"] != "stream")


def main(names: list[str]) -> None:
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or path.stem in names:
            nbformat.write(run_notebook(path), path)
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1:])

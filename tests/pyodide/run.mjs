// Runs pytest on the CPython of pyodide, on node: `node run.mjs PROJECT SITE-PACKAGES ARGUMENTS...`. What is installed for
// another Python is good enough for it as long as it is pure Python; it has neither threads nor sockets.
import { loadPyodide } from "pyodide";

const [project, site, ...args] = process.argv.slice(2);
const python = await loadPyodide({
  env: { HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1", PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" },
});
for (const [at, root] of [["/project", project], ["/site", site]]) {
  python.FS.mkdirTree(at);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, at);
}
python.globals.set("arguments", python.toPy(args));
const status = await python.runPythonAsync(`
import os, sys
os.chdir("/project")
sys.path[:0] = ["/project/tests/pyodide"]
sys.path += ["/site"]
import pytest
print("Python", sys.version)
int(pytest.main(list(arguments)))
`);
process.exit(status);

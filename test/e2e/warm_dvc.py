"""The `dvc` command without its start.

`serve SOCKET` imports dvc once and waits; each `run SOCKET ARGS...` is a fork of it that does what the `dvc` script
does, with the caller's folder, environment, and open files. Importing dvc takes longer than most of its commands.
"""

import atexit
import gc
import json
import os
import select
import socket
import sys
import threading
import time


def run(address, args):
    connection = connect(address)
    call = json.dumps({"args": args, "folder": os.getcwd(), "env": dict(os.environ)}).encode()
    socket.send_fds(connection, [len(call).to_bytes(8, "big")], [0, 1, 2])
    connection.sendall(call)
    status = connection.recv(4)
    # A command that was killed has said nothing.
    sys.exit(int(status) if status else 1)


def connect(address):
    """Waits until the server has imported what it needs."""
    for _ in range(6000):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
            time.sleep(0.05)
    sys.exit(f"nothing listens at {address}")


def serve(address):
    """Until standard input ends, which it does with the process that has started this one."""
    warm_up()
    # What is imported stays: a fork that looked through it for what is gone would have to copy all of it.
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            return
        connection, _ = listener.accept()
        # A child of a child, so that nobody has to wait for it here.
        if os.fork() == 0:
            listener.close()
            answer(connection)
        connection.close()
        reap()


def warm_up():
    """Imports what commands import, much of it late: a fork runs some and tells, for none may leave anything here."""
    import importlib
    import tempfile

    import aiobotocore.session  # noqa: F401
    import dvc.cli.parser  # noqa: F401
    import dvc_http.spec  # noqa: F401
    import dvc_s3  # noqa: F401
    import s3fs  # noqa: F401

    known = set(sys.modules)
    told, tell = os.pipe()
    if os.fork() == 0:
        with tempfile.TemporaryDirectory() as folder:
            use(folder)
        os.write(tell, json.dumps(sorted(set(sys.modules) - known)).encode())
        os._exit(0)
    os.close(tell)
    with open(told) as names:
        for name in json.load(names):
            try:
                importlib.import_module(name)
            except Exception:
                # Some are parts that only their own package can import.
                pass


def use(folder):
    from dvc.cli import main

    os.environ.update(HOME=folder, DVC_SITE_CACHE_DIR=folder, DVC_NO_ANALYTICS="1")
    work = os.path.join(folder, "work")
    os.mkdir(work)
    os.chdir(work)
    with open("file", "w") as file:
        file.write("warm")
    commands = ["init --no-scm", "add file", f"remote add -d far {folder}/far", "push", "pull", "status --json"]
    for command in commands:
        main([*command.split(), "--quiet"])


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def answer(connection):
    """Runs the command in a process of its own and says how it ended."""
    header, files, _, _ = socket.recv_fds(connection, 8, 3)
    size = int.from_bytes(header, "big")
    text = b""
    while len(text) < size:
        text += connection.recv(size - len(text))
    command = os.fork()
    if command == 0:
        connection.close()
        become(json.loads(text), files)
    _, status = os.waitpid(command, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def become(call, files):
    from dvc.cli import main

    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["env"])
    sys.argv = ["dvc", *call["args"]]
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    leave(status or 0)


def leave(status):
    """Ends as Python does, except that nothing is taken apart: that takes three times as long as most commands."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        run(sys.argv[2], sys.argv[3:])

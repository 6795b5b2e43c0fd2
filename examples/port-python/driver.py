"""The imsim driver of the port: does with im.py what imsim says on stdin."""
import asyncio
import inspect
import json
import sys

import im

METHODS = {"login", "logout", "createTextMessage", "sendMessage"}
LONGEST = 64 << 20  # bytes of a line
UNKNOWN_METHOD, BAD_PARAMS, INTERNAL, NOT_IMPLEMENTED, NO_CODE, DESTROYED = -32601, -32602, -32603, -32001, -32010, -32012

lines, sys.stdout = sys.stdout.buffer, sys.stderr  # a stray print must not look like a line


def write(data):
    lines.write(data)
    lines.flush()


def say(**line):
    write(json.dumps({"jsonrpc": "2.0", **line}).encode() + b"\n")


class Refusal(Exception):
    """An answer with one of the protocol's own codes."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Instance:
    """One SDK object, its messages by ref and its count of what it said."""

    def __init__(self, name, params):
        self.name, self.seq, self.refs, self.calls, self.over = name, 0, {}, {}, False
        self.client = im.Client(params["SDKAppID"], params["url"], self.event)

    def next(self):
        self.seq += 1
        return self.seq

    def event(self, name, data):
        if not self.over:
            params = {"instance": self.name, "seq": self.next(), "name": name}
            say(method="event", params=params if data is None else {**params, "data": self.snapshot(data)})

    def snapshot(self, value):
        if isinstance(value, im.Message):
            ref = next((r for r, m in self.refs.items() if m is value), f"{self.name}.m{len(self.refs) + 1}")
            self.refs[ref] = value
            return {"$ref": ref, **{k: self.snapshot(v) for k, v in vars(value).items() if not k.startswith("_")}}
        if isinstance(value, dict):
            return {k: self.snapshot(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.snapshot(v) for v in value]
        return value

    def argument(self, value):
        if isinstance(value, dict) and "$ref" in value:
            return self.deref(value["$ref"])
        if isinstance(value, dict):
            return {k: self.argument(v) for k, v in value.items()}
        return [self.argument(v) for v in value] if isinstance(value, list) else value

    def deref(self, ref):
        if ref not in self.refs:
            raise Refusal(BAD_PARAMS, f"no $ref {ref!r} in {self.name}")
        return self.refs[ref]

    async def call(self, id, api, args):
        if api not in METHODS:
            raise Refusal(NOT_IMPLEMENTED, f"no {api} yet")
        args = [self.argument(a) for a in args]
        self.calls[id] = asyncio.current_task()
        kind, sync = "throw", True
        try:
            value = getattr(self.client, api)(*args)
            if inspect.isawaitable(value):
                kind, sync = "reject", False
                value = {"code": 0, "data": await value}
        except (im.IMError, TypeError) as e:
            code = getattr(e, "code", None) or NO_CODE
            data = {"kind": kind, "seq": self.next(), "data": self.snapshot(getattr(e, "data", None) or {})}
            answer = {"error": {"code": code, "message": str(e), "data": data}}
        else:
            answer = {"result": {"sync": sync, "value": self.snapshot(value), "seq": self.next()}}
        del self.calls[id]
        say(id=id, **answer)

    def destroy(self):
        self.over = True
        for id, task in self.calls.items():
            say(id=id, error={"code": DESTROYED, "message": f"{self.name} was destroyed"})
            task.cancel()
        self.client.close()


instances = {}


def find(params):
    instance = instances.get(params.get("instance"))
    if instance is None or instance.over:
        raise Refusal(BAD_PARAMS, f"no instance {params.get('instance')!r}")
    return instance


async def handle(id, method, params):
    if method == "hello":
        return {"protocol": 1, "name": "imsim-example-python", "version": im.VERSION, "language": "Python",
                "capabilities": ["identity"]}
    if method == "create":
        if params.get("instance") in instances or not {"instance", "SDKAppID", "url"} <= params.keys():
            raise Refusal(BAD_PARAMS, "create wants a new instance, SDKAppID and url")
        instances[params["instance"]] = Instance(params["instance"], params)
        return {}
    if method == "call":
        return await find(params).call(id, params["api"], params["args"])  # it answers by itself
    if method == "read":
        instance = find(params)
        return instance.snapshot(instance.deref(params["ref"]))
    if method == "destroy":
        find(params).destroy()
        return {}
    raise Refusal(UNKNOWN_METHOD, f"no method {method!r}")


async def answer(line):
    request = json.loads(line)
    try:
        result = await handle(request["id"], request["method"], request["params"])
        if result is not None:
            say(id=request["id"], result=result)
    except Refusal as e:
        say(id=request["id"], error={"code": e.code, "message": str(e)})
    except Exception as e:  # ours, not the SDK's
        say(id=request["id"], error={"code": INTERNAL, "message": repr(e)})


async def requests():
    """Stdin, or with HOST:PORT as argument a connection to imsim test --listen: for a debugger."""
    global write
    if len(sys.argv) > 1:
        host, port = sys.argv[1].rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port), limit=LONGEST)
        write = writer.write
        return reader
    reader = asyncio.StreamReader(limit=LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main():
    stdin = await requests()
    tasks = set()
    while line := await stdin.readline():
        task = asyncio.ensure_future(answer(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for task in tasks:
        task.cancel()


asyncio.run(main())

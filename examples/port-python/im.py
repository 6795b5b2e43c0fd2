"""A very young port of the SDK: login, logout, C2C text messages and their
events. It speaks the backend's wire protocol itself."""
import asyncio
import json
import random
import time

import websocket

VERSION = "0.1.0"
PUSHES = ("im_open_push.msg_push", "im_open_status.stat_forceoffline")
KICKS = {1: "multipleAccount", 2: "multipleDevice"}
PRIORITIES = ("High", "Normal", "Low", "Lowest")


class IMError(Exception):
    """What the SDK refuses with; code is None for refused arguments."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.data = code, data


class Message:
    """A C2C text message. Its public attributes are the documented fields."""

    def __init__(self, sender, to, text, sequence, rand, moment, flow, options):
        peer = to if flow == "out" else sender
        self.ID = f"C2C{peer}-{sequence}-{rand}-{1 if flow == 'out' else 0}"
        self.type, self.payload = "TIMTextElem", {"text": text}
        self.conversationType, self.conversationID = "C2C", "C2C" + peer
        setattr(self, "from", sender)
        self.to, self.flow, self.time = to, flow, moment
        self.sequence = self.clientSequence = sequence
        self.random, self.cloudCustomData = rand, options.get("cloudCustomData", "")
        self.priority = options.get("priority") if options.get("priority") in PRIORITIES else "Normal"
        self.status = "unSend" if flow == "out" else "success"
        self.isRead = flow == "out"
        self.isPeerRead = self.isRevoked = self.isDeleted = self.isModified = False
        self.isResend = self.isSystemMessage = False
        self.nick = self.avatar = self.nameCard = ""
        self.atUserList = []


class Client:
    """One SDK object. emit(name, data) is told every event."""

    def __init__(self, sdk_app_id, url, emit):
        self.app, self.url, self.emit = sdk_app_id, url.rstrip("/"), emit
        self.instance_id = f"{random.getrandbits(128):032x}"
        self.head = {}  # who we are, once logged in
        self.user = None
        self.state = "out"  # out, entering, in
        self.seq = random.randrange(1 << 26)
        self.sent = random.randrange(1 << 20)  # sequence of our messages
        self.waiting = {}  # seq of a request -> future of its reply's body
        self.socket = self.reading = self.starting = None

    # The methods of the reference API. What they refuse at once they raise at
    # once; the rest happens in the coroutine that they return.

    def login(self, options):
        for name in ("userID", "userSig"):
            if not isinstance(options, dict) or not isinstance(options.get(name), str) or not options[name]:
                raise IMError(None, f"login: {name} is no text")
        return self._login(options["userID"], options["userSig"])

    def logout(self):
        return self._logout()

    def createTextMessage(self, options):
        self._check(options, "to", str)
        self._check(options, "payload", dict)
        self._check(options["payload"], "text", str)
        if options.get("conversationType") != "C2C":
            raise IMError(None, "createTextMessage: only C2C conversations are here yet")
        self.sent += 1
        return Message(self.user, options["to"], options["payload"]["text"], self.sent,
                       random.getrandbits(26), int(time.time()), "out", options)

    def sendMessage(self, message, options=None):
        return self._send(message)

    @staticmethod
    def _check(options, name, kind):
        if not isinstance(options, dict) or not isinstance(options.get(name), kind) or not options[name]:
            raise IMError(None, f"{name} is missing or of another type")

    async def _login(self, user, sig):
        if self.state == "entering":
            raise IMError(2025, "a login is under way")
        if self.state == "in":
            return {"actionStatus": "OK", "errorCode": 0, "errorInfo": f"{self.user} is logged in", "repeatLogin": True}
        self.state = "entering"
        try:
            await self._dial()
            self.head = {"identifier": user, "usersig": sig, "status_instid": 0}
            reply = await self._request("im_open_status.wslogin", {"State": "Online"})
        except BaseException:
            self._drop()
            raise
        self.state, self.user = "in", user
        self.head = {"a2": reply["A2Key"], "tinyid": reply["TinyId"], "status_instid": reply["InstId"]}
        self.starting = asyncio.ensure_future(self._start())
        return {"actionStatus": "OK", "errorCode": 0, "errorInfo": "", "tinyID": reply["TinyId"], "a2Key": reply["A2Key"],
                "instanceID": reply["InstId"], "helloInterval": reply["HelloInterval"], "timeStamp": reply["TimeStamp"],
                "expireTime": reply["ExpireTime"]}

    async def _start(self):
        """Fetches what was sent to us while we were away; then we are ready."""
        reply = await self._request("openim.getmsg", {"Cookie": "", "SyncFlag": 0, "NeedAbstract": 1, "IsOnlineSync": 0})
        self._received(reply.get("MsgList", []))
        self.emit("sdkStateReady", None)

    async def _logout(self):
        if self.state != "in":
            raise IMError(2024, "not logged in")
        try:
            await self._request("im_open_status.wslogout", {"wslogout_type": 0})
        except IMError:
            pass  # gone is gone, whatever the backend says
        self._drop()
        self.emit("sdkStateNotReady", None)
        return {}

    async def _send(self, message):
        if not isinstance(message, Message):
            raise IMError(2105, "this is no message")
        try:
            reply = await self._request("openim.sendmsg", {
                "From_Account": self.user, "To_Account": message.to, "MsgTimeStamp": message.time,
                "MsgSeq": message.sequence, "MsgRandom": message.random, "CloudCustomData": message.cloudCustomData,
                "MsgBody": [{"MsgType": message.type, "MsgContent": {"Text": message.payload["text"]}}],
            })
        except IMError as e:
            message.status = "fail"
            raise IMError(e.code, str(e), {"message": message})
        message.status, message.time = "success", reply["MsgTime"]
        return {"message": message}

    # The wire: one JSON object a frame, answered by its seq.

    async def _dial(self):
        self.socket = await websocket.connect(
            f"{self.url}/info?sdkappid={self.app}&instanceid={self.instance_id}&random={random.random()}")
        self.reading = asyncio.ensure_future(self._read(self.socket))

    async def _request(self, command, body):
        if self.socket is None:
            raise IMError(2999, "not connected")
        self.seq += 1
        head = {"ver": "v4", "platform": 7, "websdkappid": 537048168, "websdkversion": "1.7.3", "sdkappid": self.app,
                "contenttype": "json", "reqtime": int(time.time()), "sdkability": 2, "tjgID": "", **self.head,
                "servcmd": command, "seq": self.seq}
        answered = self.waiting[self.seq] = asyncio.get_running_loop().create_future()
        self.socket.send(json.dumps({"head": head, "body": body}))
        reply = await answered
        if reply.get("ErrorCode"):
            raise IMError(reply["ErrorCode"], reply.get("ErrorInfo", ""))
        return reply

    async def _read(self, socket):
        async for text in socket.messages():
            frame = json.loads(text)
            head, body = frame["head"], frame["body"]
            if head["servcmd"] in PUSHES:
                self._pushed(body)
            elif head["seq"] in self.waiting:
                answered = self.waiting.pop(head["seq"])
                if not answered.done():
                    answered.set_result(body)

    def _pushed(self, body):
        if body.get("NeedAck"):
            asyncio.ensure_future(self._request("openim.ws_msg_push_ack", {"SessionData": body["SessionData"]}))
        for event in body.get("EventArray", []):
            if event["Event"] == 9:
                self._received(event["C2cMsgArray"])
            elif event["Event"] == 20:
                reason = event["C2cNotifyMsgArray"][0]["KickoutMsgNotify"]["KickType"]
                if reason in KICKS:
                    self.emit("kickedOut", {"type": KICKS[reason]})
                    self._drop()
                    self.emit("sdkStateNotReady", None)

    def _received(self, items):
        received = [self._message(m) for m in items if m["MsgBody"][0]["MsgType"] == "TIMTextElem"]
        if received:
            self.emit("onMessageReceived", received)

    @staticmethod
    def _message(m):
        """A message from the wire. What another instance of us sent has its ends swapped there."""
        ends, flow = (m["From_Account"], m["To_Account"]), "in"
        if m.get("IsSyncMsg"):
            ends, flow = ends[::-1], "out"
        message = Message(*ends, m["MsgBody"][0]["MsgContent"]["Text"], m["MsgSeq"], m["MsgRandom"], m["MsgTimeStamp"], flow,
                          {"cloudCustomData": m.get("CloudCustomData", "")})
        message.status = "success"
        return message

    def _drop(self):
        self.state, self.user, self.head = "out", None, {}
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        if self.reading is not None and self.reading is not asyncio.current_task():
            self.reading.cancel()
        if self.starting is not None:
            self.starting.cancel()

    def close(self):
        self._drop()

// Package protocol is the wire of the Tencent Cloud IM web SDK, and nothing
// else: the frame envelope and its codec, the request, reply and push bodies
// of each service, the table of error codes, and UserSig.
//
// A frame is one JSON object {"head":{"servcmd","seq",…},"body":{…}}. On the
// path /info frames travel as WebSocket text, on /binfo as binary. A reply
// repeats servcmd and seq of its request; everything else that a server sends
// is a push.
//
//	req, err := protocol.ParseRequest(frame)
//	reply, err := protocol.EncodeReply(nil, req.Head.ServCmd, req.Head.Seq, &protocol.LoginReply{…})
//
// The package imports nothing of this module. Field names are those of the
// wire. Every fact here was seen by running the genuine SDKs.
package protocol

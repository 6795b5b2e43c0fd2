package scenarios

import "github.com/imsim/imsim/port"

// locationCase is about a method that is none of the reference: later SDKs
// have it, and the Go client.
func locationCase() Case {
	const api = "createLocationMessage"
	here := args{"description": "here", "longitude": 113.93, "latitude": -22.54}
	return Case{
		Name: "a location is created, sent and received, where the SDK makes any", Covers: covers("sendMessage", "MESSAGE_RECEIVED"),
		Level: Extended, Source: "messages.md §1.3",
		Skip: func(h port.Hello) string {
			if h.Name == "imsim-go" || genuine(h) == "2.27" || genuine(h) == "3.6" {
				return ""
			}
			return "createLocationMessage is no method of the reference"
		},
		Run: func(s *Stage) {
			alice, bob := pair(s)
			m := alice.Create(api, "bob", here, "cloudCustomData", "extra")
			m.Want("type", msgLocation).Want("payload", here).Want("status", "unSend").Want("flow", "out").Want("conversationID", "C2Cbob")
			alice.Send(m).Want("status", "success")
			bob.Receives().Want("type", msgLocation).Want("payload", here).Want("cloudCustomData", "extra")
			for _, wrong := range []args{{}, {"description": "here", "longitude": 1}, {"description": 7, "longitude": 1, "latitude": 1}, {"longitude": 1, "latitude": 1}} {
				alice.Throws(api, options("bob", wrong))
			}
		},
	}
}

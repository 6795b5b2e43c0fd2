package backend

import (
	"fmt"

	"github.com/imsim/imsim/protocol"
)

// configLife is after how many seconds the SDK fetches its configuration
// again.
const configLife = 3600

// fetchConfig wants none of the SDK's own statistics, of events and of quality:
// nobody reads them, and to make them up costs an SDK much of its time.
func (w *World) fetchConfig(*request) (protocol.Reply, error) {
	config := fmt.Sprintf(`{"evt_rpt_sdkappid_bl":"%[1]d","q_rpt_sdkappid_bl":"%[1]d"}`, w.appID)
	return &protocol.ConfigReply{SDKAppID: w.appID, ExpiredTime: configLife, Version: 1, JSONConfig: config}, nil
}

func (w *World) fetchPurchase(*request) (protocol.Reply, error) {
	return &protocol.ConfigReply{SDKAppID: w.appID, ExpiredTime: configLife, Version: 1, PurchaseBits: "0"}, nil
}

// authKey answers openim.authkey; the key is for a service that the web SDK
// does not use.
func (w *World) authKey(r *request) (protocol.Reply, error) {
	return &protocol.AuthKeyReply{AuthKey: fmt.Sprintf("authkey-%s", r.user().tiny), ExpireTime: 7200}, nil
}

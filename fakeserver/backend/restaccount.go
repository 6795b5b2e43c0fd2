package backend

import (
	"encoding/json"

	"github.com/imsim/imsim/protocol"
)

const (
	maxRESTImport = 100 // accounts of one multiaccount_import or account_check
	maxRESTOnline = 500 // accounts of one query_online_status
)

// restImport is im_open_login_svc/account_import: a repeated import is fine
// and sets the profile fields that it names.
func (w *World) restImport(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTImport](r)
	if err != nil {
		return nil, err
	}
	return nil, w.importAccount(*req)
}

func (w *World) importAccount(req protocol.RESTImport) error {
	id := req.UserID
	if id == "" {
		id = req.Identifier
	}
	if err := validUserID(id); err != nil {
		return err
	}
	var items []protocol.ProfileItem
	for _, f := range []struct{ tag, value string }{{protocol.TagNick, req.Nick}, {protocol.TagAvatar, req.FaceURL}} {
		if f.value == "" {
			continue
		}
		value, _ := json.Marshal(f.value) // a string: cannot fail
		item := protocol.ProfileItem{Tag: f.tag, Value: value}
		if err := checkProfileItem(item); err != nil {
			return protocol.Errorf(protocol.CodeAccountParam, "%v", err)
		}
		items = append(items, item)
	}
	a := w.accounts[id]
	if a == nil {
		a = w.newAccount(id)
	}
	for _, item := range items {
		a.setField(item.Tag, item.Value)
	}
	return nil
}

func (w *World) restMultiImport(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTMultiImport](r)
	if err != nil {
		return nil, err
	}
	list := req.AccountList
	for _, id := range req.Accounts {
		list = append(list, protocol.RESTImport{UserID: id})
	}
	if len(list) == 0 || len(list) > maxRESTImport {
		return nil, protocol.Errorf(protocol.CodeAccountParam, "needs 1 to %d accounts", maxRESTImport)
	}
	reply := &protocol.RESTMultiImportReply{FailAccounts: []string{}}
	for _, item := range list {
		if w.importAccount(item) != nil {
			reply.FailAccounts = append(reply.FailAccounts, item.UserID)
		}
	}
	return reply, nil
}

func (w *World) restAccountCheck(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTAccountCheck](r)
	if err != nil {
		return nil, err
	}
	if len(req.CheckItem) == 0 || len(req.CheckItem) > maxRESTImport {
		return nil, protocol.Errorf(protocol.CodeAccountParam, "needs 1 to %d accounts", maxRESTImport)
	}
	reply := &protocol.RESTAccountCheckReply{ResultItem: []protocol.RESTAccountStatus{}}
	for _, item := range req.CheckItem {
		status := protocol.RESTAccountStatus{UserID: item.UserID, AccountStatus: "NotImported"}
		if w.accounts[item.UserID] != nil {
			status.AccountStatus = "Imported"
		}
		reply.ResultItem = append(reply.ResultItem, status)
	}
	return reply, nil
}

// restKick is im_open_login_svc/kick: all instances go, and UserSigs issued in
// an earlier second are no longer taken (70052).
func (w *World) restKick(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTImport](r)
	if err != nil {
		return nil, err
	}
	id := req.UserID
	if id == "" {
		id = req.Identifier
	}
	user := w.accounts[id]
	switch {
	case id == "":
		return nil, protocol.NewError(protocol.CodeAccountParam)
	case user == nil:
		return nil, protocol.NewError(protocol.CodeAccountMissing)
	}
	user.sigsFrom = w.sec()
	for _, s := range append([]*session(nil), user.sessions...) {
		if s.state == active {
			w.kick(s, protocol.KickRESTAPI)
		}
	}
	return nil, nil
}

// restOnline is openim/query_online_status: there is one platform, the web.
func (w *World) restOnline(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTOnline](r)
	if err != nil {
		return nil, err
	}
	if len(req.ToAccount) == 0 || len(req.ToAccount) > maxRESTOnline {
		return nil, protocol.Errorf(protocol.CodeMsgToAccount, "needs 1 to %d accounts", maxRESTOnline)
	}
	reply := &protocol.RESTOnlineReply{QueryResult: []protocol.RESTOnlineStatus{}}
	for _, id := range req.ToAccount {
		a := w.accounts[id]
		if a == nil {
			reply.ErrorList = append(reply.ErrorList, protocol.RESTAccountError{ToAccount: id, ErrorCode: protocol.CodeAccountMissing})
			continue
		}
		status := protocol.RESTOnlineStatus{ToAccount: id, Status: "Offline"}
		for _, s := range a.sessions {
			if s.online() && status.Status == "Offline" {
				status.Status = "Online"
				if req.IsNeedDetail == 1 {
					status.Detail = []protocol.RESTOnlineDetail{{Platform: "Web", Status: "Online"}}
				}
			}
		}
		reply.QueryResult = append(reply.QueryResult, status)
	}
	return reply, nil
}

// restSetMute is openconfigsvr/setnospeaking; a time left out stays as it is.
func (w *World) restSetMute(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTSetMute](r)
	if err != nil {
		return nil, err
	}
	a := w.accounts[req.SetAccount]
	if a == nil {
		return nil, protocol.NewError(protocol.CodeAccountMissing)
	}
	for _, seconds := range []*int64{req.C2CSeconds, req.GroupSeconds} {
		if seconds != nil && (*seconds < 0 || *seconds > muteForever) {
			return nil, protocol.Errorf(protocol.CodeAccountParam, "a time must be from 0 to %d seconds", int64(muteForever))
		}
	}
	if req.C2CSeconds != nil {
		a.mute.C2CUntil = muteUntil(*req.C2CSeconds, w.now)
	}
	if req.GroupSeconds != nil {
		a.mute.GroupUntil = muteUntil(*req.GroupSeconds, w.now)
	}
	return nil, nil
}

func (w *World) restGetMute(r *restRequest) (protocol.Reply, error) {
	req, err := restBody[protocol.RESTGetMute](r)
	if err != nil {
		return nil, err
	}
	a := w.accounts[req.GetAccount]
	if a == nil {
		return nil, protocol.NewError(protocol.CodeAccountMissing)
	}
	return &protocol.RESTGetMuteReply{
		C2CSeconds: muteLeft(a.mute.C2CUntil, w.now), GroupSeconds: muteLeft(a.mute.GroupUntil, w.now),
	}, nil
}

package client

// admit lets nobody send to a live room that he did not join (2100). A group
// that is not in the local list is fetched to know; an error of that is the
// send's.
func (c *Client) admit(group string) error {
	if c.groups.has(group) {
		return nil
	}
	g, err := c.groupProfile(GetGroupProfileOptions{GroupID: group})
	if err != nil {
		return err
	}
	if g.Type == GrpAVChatRoom {
		return fail(CodeSendFailed)
	}
	return nil
}

// appendGroupSend appends the body of send_group_msg (messages.md §2.2).
func (c *Client) appendGroupSend(dst []byte, m *Message, p Payload, o SendOptions) []byte {
	dst = appendText(dst, `{"From_Account":`, c.session.userID)
	dst = appendText(dst, `,"GroupId":`, m.To)
	dst = appendNumber(dst, `,"Random":`, int64(m.Random))
	dst = appendNumber(dst, `,"ClientSeq":`, int64(m.ClientSequence))
	dst = appendText(dst, `,"MsgPriority":`, m.Priority)
	dst = appendBody(append(dst, `,"MsgBody":`...), m.Type, p)
	dst = appendText(dst, `,"CloudCustomData":`, m.CloudCustomData)
	fleeting := int64(0)
	if o.OnlineUserOnly {
		fleeting = 1
	}
	dst = appendNumber(dst, `,"OnlineOnlyFlag":`, fleeting)
	dst = o.appendPush(append(dst, `,"OfflinePushInfo":`...), false)
	dst = append(dst, `,"GroupAtInfo":[`...)
	if m.Type == MsgText {
		for i, user := range m.AtUserList {
			if i > 0 {
				dst = append(dst, ',')
			}
			if user == MsgAtAll {
				dst = append(dst, `{"GroupAtAllFlag":1}`...)
			} else {
				dst = append(appendText(dst, `{"GroupAtAllFlag":0,"GroupAt_Account":`, user), '}')
			}
		}
	}
	return append(dst, "]}"...)
}

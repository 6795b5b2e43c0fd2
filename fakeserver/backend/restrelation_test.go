package backend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imsim/imsim/protocol"
)

func TestRESTRelationCodes(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	for name, cmd := range restRelationCommands() {
		if name == "profile/portrait_get" {
			w.rest(name, `{}`, protocol.CodeProfileParam)
			continue
		}
		missing, nobody := protocol.CodeSNSParam, protocol.CodeSNSNoUser
		if strings.HasPrefix(name, "profile/") {
			missing, nobody = protocol.CodeProfileParam, protocol.CodeProfileNoUser
		}
		w.rest(name, `{}`, missing)
		w.rest(name, `{"From_Account":"nobody"}`, nobody)
		w.rest(name, `{"From_Account":7}`, cmd.bad)
	}
	w.rest("sns/black_list_check", `{"From_Account":"alice","To_Account":["bob"],"CheckType":"x"}`, protocol.CodeSNSParam)
	w.rest("profile/portrait_set", `{"From_Account":"alice","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"N"},{"Tag":"x","Value":"y"}]}`, protocol.CodeProfileTag)
	if u, _ := w.User("alice"); len(u.Profile) != 0 {
		t.Errorf("profile %s", u.Profile)
	}
	alice.expect()
	bob.expect()
}

func TestRESTProfile(t *testing.T) {
	w := newWorld(t, Config{})
	w.login("alice")
	w.rest("profile/portrait_set", `{"From_Account":"alice","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"A"},{"Tag":"Tag_Profile_IM_Level","Value":3}]}`, protocol.OK)
	got := w.rest("profile/portrait_get", `{"To_Account":["alice","eve"],"TagList":["Tag_Profile_IM_Level"]}`, protocol.OK)
	if want := "[map[ProfileItem:[map[Tag:Tag_Profile_IM_Level Value:3]] ResultCode:0 ResultInfo: To_Account:alice] "; !strings.HasPrefix(fmt.Sprint(got["UserProfileItem"]), want) ||
		fmt.Sprint(got["Fail_Account"]) != "[eve]" {
		t.Errorf("%v", got)
	}
}

func TestRESTForceAsksNobody(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	bob.allow("DenyAny")
	add := func(flags string) string {
		got := w.rest("sns/friend_add", `{"From_Account":"alice","AddFriendItem":[{"To_Account":"bob","AddSource":"AddSource_Type_App"}]`+flags+`}`, protocol.OK)
		return fmt.Sprint(got["ResultItem"].([]any)[0].(map[string]any)["ResultCode"])
	}
	if got := add(""); got != "30516" {
		t.Errorf("unasked: %s", got)
	}
	if got := add(`,"ForceAddFlags":1`); got != "0" {
		t.Errorf("by force: %s", got)
	}
	if a, b := fmt.Sprint(alice.friendList()), fmt.Sprint(bob.friendList()); a != "[bob]" || b != "[alice]" {
		t.Errorf("friends %s and %s", a, b)
	}
}

func TestRESTFriendImport(t *testing.T) {
	w := newWorld(t, Config{})
	w.login("alice")
	bob := w.login("bob")
	bob.allow("DenyAny")
	body := `{"From_Account":"alice","AddFriendItem":[
		{"To_Account":"bob","AddSource":"AddSource_Type_App","AddTime":1420000001,"Remark":"B","GroupName":["two","one","two"],"CustomItem":[{"Tag":"Tag_SNS_Custom_Test","Value":"x"}]},
		{"To_Account":"eve","AddSource":"AddSource_Type_App"},{"To_Account":"alice","AddSource":"AddSource_Type_App"}]}`
	got := w.rest("sns/friend_import", body, protocol.OK)
	if fmt.Sprint(got["Fail_Account"]) != "[eve alice]" {
		t.Errorf("%v", got)
	}
	w.reload()
	items := fmt.Sprint(w.rest("sns/friend_get", `{"From_Account":"alice","StartIndex":0}`, protocol.OK)["UserDataItem"])
	for _, want := range []string{"To_Account:bob", "Value:[two one]", "Value:B", "Value:1.420000001e+09", "Tag_SNS_Custom_Test Value:x"} {
		if !strings.Contains(items, want) {
			t.Errorf("%s is not in %s", want, items)
		}
	}
	if strings.Contains(items, "Tag_Profile") {
		t.Errorf("a profile in %s", items)
	}
	items = fmt.Sprint(w.rest("sns/friend_get_list", `{"From_Account":"alice","To_Account":["bob"],"TagList":["Tag_SNS_IM_Remark"]}`, protocol.OK)["InfoItem"])
	if !strings.Contains(items, "SnsProfileItem:[map[Tag:Tag_SNS_IM_Remark Value:B]]") {
		t.Error(items)
	}
	items = fmt.Sprint(w.rest("sns/friend_check", `{"From_Account":"bob","To_Account":["alice"],"CheckType":"CheckResult_Type_Both"}`, protocol.OK))
	if !strings.Contains(items, protocol.BWithA) {
		t.Error(items)
	}
	w.rest("sns/friend_delete_all", `{"From_Account":"alice"}`, protocol.OK)
	if got := w.rest("sns/friend_get", `{"From_Account":"alice","StartIndex":0}`, protocol.OK); got["FriendNum"] != 0.0 {
		t.Errorf("left: %v", got)
	}
}

func TestRESTBlackList(t *testing.T) {
	w := newWorld(t, Config{})
	w.login("alice")
	w.login("bob")
	const both = `{"From_Account":"alice","To_Account":["bob","eve"],"CheckType":"BlackCheckResult_Type_Both"}`
	check := func(want string) {
		t.Helper()
		got := w.rest("sns/black_list_check", both, protocol.OK)
		if rel := got["BlackListCheckItem"].([]any)[0].(map[string]any)["Relation"]; rel != want || fmt.Sprint(got["Fail_Account"]) != "[eve]" {
			t.Errorf("%v, want %s", got, want)
		}
	}
	check(protocol.BlackNone)
	w.rest("sns/black_list_add", `{"From_Account":"bob","To_Account":["alice"]}`, protocol.OK)
	check(protocol.BlackBWithA)
	w.rest("sns/black_list_add", both, protocol.OK)
	check(protocol.BlackBothWay)
	w.rest("sns/black_list_delete", `{"From_Account":"bob","To_Account":["alice"]}`, protocol.OK)
	check(protocol.BlackAWithB)
	if got := fmt.Sprint(w.rest("sns/black_list_get", `{"From_Account":"alice","StartIndex":0,"MaxLimited":10,"LastSequence":0}`, protocol.OK)); !strings.Contains(got, "To_Account:bob") {
		t.Error(got)
	}
}

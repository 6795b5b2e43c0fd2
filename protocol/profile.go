package protocol

import "encoding/json"

// ProfileGetRequest is profile.portrait_get_all.
type ProfileGetRequest struct {
	FromAccount string `json:"From_Account"`
	UserItem    []struct {
		ToAccount string `json:"To_Account"`
	} `json:"UserItem"`
}

// ProfileGetReply answers it; 2.14 needs UserProfileItem, if empty.
type ProfileGetReply struct {
	Status
	UserProfileItem []UserProfile `json:"UserProfileItem"`
}

// NoSuchUser as To_Account makes the SDK drop the entry.
const NoSuchUser = "@TLS#NOT_FOUND"

// UserProfile is one account's profile.
type UserProfile struct {
	ToAccount   string        `json:"To_Account"`
	ResultCode  Code          `json:"ResultCode"`
	ResultInfo  string        `json:"ResultInfo"`
	ProfileItem []ProfileItem `json:"ProfileItem"`
}

// ProfileItem is a tag and its value, a JSON string or number.
type ProfileItem struct {
	Tag   string          `json:"Tag"`
	Value json.RawMessage `json:"Value"`
}

// ProfileSetRequest is profile.portrait_set.
type ProfileSetRequest struct {
	FromAccount string        `json:"From_Account"`
	ProfileItem []ProfileItem `json:"ProfileItem"`
}

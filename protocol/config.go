package protocol

// ConfigReply answers im_sdk_config_mgr.fetch_config and
// fetch_imsdk_purchase_bitsv2, and is the body of the push push_configv2.
type ConfigReply struct {
	Status
	ErrorCode32  int    `json:"int32_error_code"`
	ErrorMessage string `json:"str_error_message"`
	SDKAppID     uint32 `json:"uint32_sdkappid"`
	ExpiredTime  int    `json:"uint32_expired_time"` // seconds until the next fetch
	Version      int    `json:"uint64_version"`
	JSONConfig   string `json:"str_json_config,omitempty"`
	PurchaseBits string `json:"str_purchase_bits,omitempty"`
}

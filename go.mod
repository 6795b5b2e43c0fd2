module github.com/imsim/imsim

go 1.25.0

require github.com/tidwall/gjson v1.20.1

require (
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.0 // indirect
	go.uber.org/goleak v1.3.0 // indirect
)

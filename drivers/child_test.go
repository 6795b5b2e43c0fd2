package drivers

var children = map[string]func() int{}

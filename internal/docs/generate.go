package docs

//go:generate go run ./generate ../..

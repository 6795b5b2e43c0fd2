// Package embed shows how a Go test uses the backend.
package embed

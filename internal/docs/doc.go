// Package docs keeps the documents true: its tests run every command that
// README and docs show, and compare every piece of code with the file it was
// taken from.
package docs

// Package docs keeps the documents true: its tests run every command that
// README and docs show, and compare every piece of code with the file it was
// taken from, and every generated table with what it is made of.
package docs

// Package ci tests what the repository offers to the CI of others: the GitHub
// Action and the container image.
package ci

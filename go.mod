module github.com/imsim/imsim

go 1.25.0

require mvdan.cc/sh/v3 v3.13.1

require go.uber.org/goleak v1.3.0

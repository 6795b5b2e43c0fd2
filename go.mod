module github.com/imsim/imsim

go 1.25.0

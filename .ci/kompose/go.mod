module longshore/kompose

go 1.24.0

require github.com/kubernetes/kompose v1.38.0

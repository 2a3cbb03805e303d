module corespan.test/criwriter

go 1.26.0

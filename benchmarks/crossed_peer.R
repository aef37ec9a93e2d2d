# lme4 on the model of benchmarks/crossed.py. Arguments: the data file and how often to fit.
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(gzfile(arguments[1]), colClasses = c(s = "factor", d = "factor", dept = "factor", service = "factor"))
seconds <- sapply(seq_len(as.integer(arguments[2])), function(i) {
  system.time(fit <<- lmer(y ~ 1 + service + (1 | s) + (1 | d) + (1 | dept), rows, REML = TRUE))[["elapsed"]]
})
cat(sprintf('{"seconds": %.3f, "criterion": %.10f}\n', min(seconds), REMLcrit(fit)))

# lme4 on the rows of benchmarks/lmm.py. Arguments: the file of numbers (y, x1, x2, x3, group; doubles) and how many rows.
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
n <- as.integer(arguments[2])
numbers <- matrix(readBin(arguments[1], "double", 5 * n), n)
rows <- data.frame(numbers[, 1:4], factor(numbers[, 5]))
names(rows) <- c("y", "x1", "x2", "x3", "unit")
seconds <- system.time(fit <- lmer(y ~ x1 + x2 + x3 + (1 | unit), rows, REML = TRUE))[["elapsed"]]
cat(sprintf('{"seconds": %.3f, "criterion": %.10f, "slope": %.12f, "se": %.12f, "tau": %.12f, "sigma2": %.12f}\n',
            seconds, REMLcrit(fit), fixef(fit)[["x1"]], sqrt(vcov(fit)[2, 2]), VarCorr(fit)$unit[1], sigma(fit)^2))

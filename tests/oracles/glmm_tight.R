# Values of lme4 with its inner loop run to the end (tolPwrss = 1e-13), behind tests/models/test_glmm.py.
# With lme4's default (1e-7) the loop ends early and log|A| is that of the step before: the same fits as
# reference/glmm_*.json, and the reason why those differ from the exact Laplace approximation.
# Usage: Rscript glmm_tight.R SHARED_FOLDER glmm_tight.json        (lme4 1.1-31, R 4.2.2, jsonlite)
suppressMessages({library(lme4); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
from <- function(path) read.csv(gzfile(file.path(arguments[1], "data", path)), check.names = FALSE)
control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-13,
                        check.conv.grad = "ignore", check.conv.hess = "ignore")

woman <- from("contraception/contraception.csv.gz")
woman$y <- as.integer(woman$use == "Y")
answer <- from("verbagg/verbagg.csv.gz")
answer$y <- as.integer(answer$r2 == "Y")
answer$mode <- factor(answer$mode, levels = c("want", "do"))

fits <- list(
  contraception_ri = glmer(y ~ age + I(age^2) + urban + livch + (1 | district), woman, binomial, control),
  verbagg_person_ri = glmer(y ~ Anger + Gender + btype + situ + mode + (1 | id), answer, binomial, control),
  verbagg_crossed = glmer(y ~ Anger + Gender + btype + situ + (1 | id) + (1 | item), answer, binomial, control),
  cbpp_share = glmer(incidence / size ~ period + (1 | herd), cbpp, binomial, control, weights = size),
  cbpp_count = glmer(incidence ~ period + (1 | herd), cbpp, poisson, control, offset = log(size)))
models <- lapply(names(fits), function(id) {
  fit <- fits[[id]]
  list(id = id, criterion = -2 * as.numeric(logLik(fit)), beta = unname(fixef(fit)),
       se = unname(sqrt(diag(as.matrix(vcov(fit))))), variance = lapply(VarCorr(fit), function(v) as.numeric(v)))
})
data <- list(herd = as.integer(cbpp$herd), period = as.integer(cbpp$period), incidence = cbpp$incidence, size = cbpp$size)
write_json(list(generated_with = paste("lme4", packageVersion("lme4")), cbpp = data, models = models), arguments[2],
           digits = 15, auto_unbox = TRUE, pretty = FALSE)

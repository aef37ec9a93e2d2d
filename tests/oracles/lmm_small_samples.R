# Values of lmerTest and pbkrtest (Kenward-Roger, Satterthwaite) and lme4 (profile likelihood of an ML fit), behind
# tests/models/test_lmm_small_samples.py. Two small tables are made here and stored: uneven groups, and groups alike.
# Usage: Rscript lmm_small_samples.R SHARED_FOLDER lmm_small_samples.json   (lme4 1.1-31, pbkrtest 0.5.2, R 4.2.2)
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
from <- function(path) read.csv(gzfile(file.path(arguments[1], "data", path)), check.names = FALSE)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5), calc.derivs = FALSE,
                       check.conv.singular = "ignore")
split_mean <- function(x, by) ave(x, by)

sleep <- from("sleepstudy/sleepstudy.csv.gz")
sleep$Subject <- factor(sleep$Subject)
exam <- from("exam/exam.csv.gz")
exam$school <- factor(exam$school)
exam$lrt_mean <- split_mean(exam$standLRT, exam$school)
exam$lrt_within <- exam$standLRT - exam$lrt_mean
hsb <- from("hsb82/hsb82.csv.gz")
hsb$school <- factor(hsb$school)
hsb$ses_mean <- split_mean(hsb$ses, hsb$school)
hsb$ses_within <- hsb$ses - hsb$ses_mean
klein <- from("klein2000/klein2000.csv.gz")
klein$GRPID <- factor(klein$GRPID)
set.seed(20240229)
uneven <- data.frame(group = rep(1:7, times = c(2, 3, 3, 5, 6, 9, 12)))
uneven$x <- round(rnorm(40), 3)
uneven$w <- round(rnorm(7), 3)[uneven$group]
uneven$y <- round(2 + 0.5 * uneven$x + 0.3 * uneven$w + rnorm(7)[uneven$group] +
                  (0.6 * rnorm(7))[uneven$group] * uneven$x + rnorm(40), 3)
alike <- data.frame(group = rep(1:8, each = 4), x = round(rnorm(32), 3), noise = rnorm(32))
alike$y <- round(1 + 0.5 * alike$x + alike$noise - 0.9 * ave(alike$noise, alike$group), 3)
alike$noise <- NULL

formulas <- list(
  sleepstudy_ri = list(Reaction ~ Days + (1 | Subject), sleep),
  sleepstudy_rs = list(Reaction ~ Days + (Days | Subject), sleep),
  sleepstudy_rs_uncorr = list(Reaction ~ Days + (1 | Subject) + (0 + Days | Subject), sleep),
  exam_within_between_ri = list(normexam ~ lrt_within + lrt_mean + (1 | school), exam),
  hsb_within_between_rs = list(mAch ~ ses_within + ses_mean + (ses_within | school), hsb),
  klein_rs = list(JOBSAT ~ COHES + POSAFF + (COHES | GRPID), klein),
  uneven_ri = list(y ~ x + w + (1 | group), uneven),
  uneven_rs = list(y ~ x + w + (x | group), uneven),
  alike_ri = list(y ~ x + (1 | group), alike),
  alike_rs = list(y ~ x + (x | group), alike))

kenward_roger <- function(formula, data) {
  fit <- lmerTest::lmer(formula, data, REML = TRUE, control = control)
  table <- coef(summary(fit, ddf = "Kenward-Roger"))
  satterthwaite <- coef(summary(fit, ddf = "Satterthwaite"))
  list(beta = unname(table[, "Estimate"]), se = unname(table[, "Std. Error"]), df = unname(table[, "df"]),
       vcov = unname(as.matrix(pbkrtest::vcovAdj(fit))), df_satterthwaite = unname(satterthwaite[, "df"]),
       tau = unname(lapply(VarCorr(fit), function(v) unname(matrix(as.numeric(v), nrow(v))))), sigma2 = sigma(fit)^2)
}
# The value at which lme4's own deviance, minimised over all other parameters from several starts, has risen by the
# quantile. lme4's confint reads it from a spline, and loses its way where the fit is singular; its value is stored too.
profiled <- function(formula, data) {
  fit <- lme4::lmer(formula, data, REML = FALSE, control = control)
  deviance_at <- lme4:::devfun2(fit, useSc = TRUE, signames = FALSE)
  best <- attr(deviance_at, "optimum")[seq_len(environment(deviance_at)$np)]  # without the fixed effects
  is_sd <- !startsWith(names(best), "cor")
  best[!is_sd & !is.finite(best)] <- 0
  sigma_hat <- best[length(best)]
  # At the edge itself lme4 cannot turn standard deviations and correlations into theta.
  lower <- ifelse(is_sd, 1e-5 * sigma_hat, -1 + 1e-9)
  upper <- ifelse(is_sd, Inf, 1 - 1e-9)
  lower[length(best)] <- sigma_hat / 10
  lowest <- -2 * as.numeric(logLik(fit))
  rise <- function(k, value) {
    sizes <- expand.grid(sd = c(0.3, 1, 3), cor = if (all(is_sd)) 0 else c(-0.9, 0, 0.9))
    starts <- lapply(seq_len(nrow(sizes)), function(i) ifelse(is_sd, sizes$sd[i] * best + 0.02, sizes$cor[i]))
    held <- function(x) {
      all <- best
      all[-k] <- x
      all[k] <- value
      found <- deviance_at(all)
      if (is.finite(found)) found else 1e10
    }
    ends <- lapply(starts, function(x) nlminb(x[-k], held, lower = lower[-k], upper = upper[-k],
                                              control = list(rel.tol = 1e-13, eval.max = 2000, iter.max = 1000))$objective)
    min(unlist(ends)) - lowest - qchisq(0.95, 1)
  }
  limit <- function(k, end) {
    if (is.finite(end) && rise(k, end) < 0) return(if (is_sd[k]) 0 else sign(end))
    if (!is.finite(end)) {
      end <- 1.3 * best[k] + 0.1 * sigma_hat
      while (rise(k, end) < 0) end <- 1.3 * end
    }
    uniroot(function(value) rise(k, value), c(best[k], end), tol = 1e-9)$root
  }
  places <- seq_along(best)
  low <- sapply(places, function(k) limit(k, lower[k]))
  high <- sapply(places, function(k) limit(k, upper[k]))
  spline <- suppressWarnings(confint(profile(fit, which = "theta_", signames = FALSE)))
  list(names = names(best), low = unname(low), high = unname(high), confint = unname(spline))
}
models <- lapply(names(formulas), function(id) {
  message(id, " ", format(Sys.time()))
  pair <- formulas[[id]]
  list(id = id, kenward_roger = kenward_roger(pair[[1]], pair[[2]]), profile = profiled(pair[[1]], pair[[2]]))
})
versions <- paste0("lme4 ", packageVersion("lme4"), ", lmerTest ", packageVersion("lmerTest"), ", pbkrtest ",
                   packageVersion("pbkrtest"))
write_json(list(generated_with = versions, uneven = as.list(uneven), alike = as.list(alike), models = models),
           arguments[2], digits = 15, auto_unbox = TRUE, pretty = FALSE)

/** What people call a metric of performance, in the order in which a list of them reads best. */
const TITLES: Readonly<Record<string, string>> = {
  roc_auc: 'ROC AUC',
  roc_auc_ovr: 'ROC AUC, one against the rest',
  pr_auc: 'PR AUC',
  f1: 'F1',
  f1_macro: 'F1, macro',
  f1_weighted: 'F1, weighted',
  accuracy: 'Accuracy',
  precision: 'Precision',
  precision_macro: 'Precision, macro',
  precision_weighted: 'Precision, weighted',
  recall: 'Recall',
  recall_macro: 'Recall, macro',
  recall_weighted: 'Recall, weighted',
  specificity: 'Specificity',
  specificity_macro: 'Specificity, macro',
  log_loss: 'Log loss',
  brier: 'Brier score',
  calibration_error: 'Calibration error',
  gain: 'Gain in the top tenth',
  lift: 'Lift in the top tenth',
  business_value: 'Value a prediction',
  mae: 'MAE',
  rmse: 'RMSE',
  mape: 'MAPE',
  mse: 'MSE',
  msle: 'MSLE',
  rmsle: 'RMSLE',
  r2: 'R²',
  bias: 'Bias',
  quantile_loss: 'Quantile loss',
  ndcg: 'NDCG',
  map: 'MAP',
  hit_rate: 'Hit rate',
};

const ORDER = Object.keys(TITLES);

/** A name that this release does not know stands for itself. */
export const metricTitle = (name: string): string => TITLES[name] ?? name.replaceAll('_', ' ');

/** Names in the order that reads best, unknown ones last. */
export function inReadingOrder(names: readonly string[]): string[] {
  const place = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.toSorted((a, b) => place(a) - place(b));
}

import { exposition, sample } from './exposition.ts'

/** Whether the configuration that runs is the one in the file. */
export function reloadMetric(successful: boolean): string {
  const name = 'stx_config_last_reload_successful'
  const help = '1 when the configuration was taken over as it was last read, 0 when it had mistakes.'
  return exposition([{ name, help, samples: [sample(name, {}, successful ? 1 : 0)] }])
}

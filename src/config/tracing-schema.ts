import { z } from 'zod'
import { endpoint, limit } from './values.ts'

/** Traces to a collector; none where this is not configured. */
export const tracing = z
  .strictObject({
    otlp: z.strictObject({
      url: endpoint.refine((url) => url.pathname !== '/', {
        message: 'write the whole URL with its path, as http://collector:4318/v1/traces',
      }),
      headers_file: z.string().min(1).optional(),
      ca_file: z.string().min(1).optional(),
      timeout: limit.prefault('10s'),
    }),
    sample: z.number().min(0).max(1).default(1),
    max_spans: z.number().int().min(512).max(1_000_000).default(10_000),
  })
  .optional()

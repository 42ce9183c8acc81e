import { z } from 'zod'
import { configSchema } from '../../src/config/schema.ts'

/** Parts of Kubernetes' own, which it judges itself. */
const free = z.record(z.string(), z.unknown())
const strings = z.record(z.string(), z.string())
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
/** `''` where nothing is named. */
const noneOr = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/)
const port = z.number().int().min(1).max(65_535)
const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/)
const duration = z.string().regex(/^([0-9]+(ms|s|m|h))+$/)

const files = z.strictObject({
  name,
  optional: z.boolean().optional(),
  items: z
    .array(z.strictObject({ key: z.string(), path: z.string(), mode: z.number().int().optional() }))
    .optional(),
})
const probe = z.strictObject({
  initialDelaySeconds: z.number().int().min(0).optional(),
  periodSeconds: z.number().int().min(1),
  timeoutSeconds: z.number().int().min(1),
  failureThreshold: z.number().int().min(1),
})
const amounts = z.strictObject({
  cpu: z.union([z.number(), quantity]).optional(),
  memory: quantity.optional(),
  'ephemeral-storage': quantity.optional(),
})
const reachable = z.strictObject({ ...configSchema.shape.listen.unwrap().shape, host: z.string(), port })

/** What the chart takes, as values.yaml explains it: the source of values.schema.json. */
export const chartValues = z.strictObject({
  // Where the chart is part of another one, Helm adds it.
  global: free.optional(),
  config: configSchema.extend({
    listen: reachable,
    admin: z.strictObject({ host: z.string(), port }),
    upload: configSchema.shape.upload.unwrap().extend({ dir: z.string() }),
  }),
  existingSecret: noneOr,
  extraFiles: z.array(z.strictObject({ secret: files.optional(), configMap: files.optional() })),
  extraEnv: z.array(
    z.strictObject({ name: z.string(), value: z.string().optional(), valueFrom: free.optional() }),
  ),
  extraVolumes: z.array(z.looseObject({ name })),
  extraVolumeMounts: z.array(z.looseObject({ name, mountPath: z.string() })),
  image: z.strictObject({
    repository: z.string().min(1),
    tag: z.string(),
    digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
  }),
  imagePullSecrets: z.array(z.strictObject({ name })),
  nameOverride: noneOr,
  fullnameOverride: noneOr,
  commonLabels: strings,
  podAnnotations: strings,
  podLabels: strings,
  resources: z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }),
  state: z.strictObject({ existingClaim: noneOr, size: quantity, storageClassName: noneOr }),
  spool: z.strictObject({
    volume: z.strictObject({
      emptyDir: free.optional(),
      ephemeral: free.optional(),
      persistentVolumeClaim: free.optional(),
    }),
  }),
  service: z.strictObject({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
    port,
    annotations: strings,
  }),
  ingress: z.strictObject({
    enabled: z.boolean(),
    className: noneOr,
    annotations: strings,
    hosts: z.array(z.string().min(1)),
    tls: z.array(z.strictObject({ secretName: name, hosts: z.array(z.string().min(1)) })),
  }),
  httpRoute: z.strictObject({
    enabled: z.boolean(),
    annotations: strings,
    parentRefs: z.array(
      z.strictObject({
        name,
        namespace: name.optional(),
        sectionName: name.optional(),
        port: port.optional(),
        group: z.string().optional(),
        kind: z.string().optional(),
      }),
    ),
    hostnames: z.array(z.string().min(1)),
  }),
  serviceMonitor: z.strictObject({
    enabled: z.boolean(),
    interval: duration,
    scrapeTimeout: duration,
    labels: strings,
  }),
  prometheusRule: z.strictObject({ enabled: z.boolean(), labels: strings }),
  dashboards: z.strictObject({ enabled: z.boolean(), labels: strings, annotations: strings }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    from: z.array(free),
    adminFrom: z.array(free),
    egress: z.array(free),
  }),
  podDisruptionBudget: z.strictObject({
    enabled: z.boolean(),
    maxUnavailable: z.number().int().min(0),
  }),
  serviceAccount: z.strictObject({ create: z.boolean(), name: noneOr, annotations: strings }),
  terminationGracePeriodSeconds: z.number().int().min(0),
  probes: z.strictObject({ startup: probe, liveness: probe, readiness: probe }),
  nodeSelector: strings,
  tolerations: z.array(free),
  affinity: free,
  priorityClassName: noneOr,
})

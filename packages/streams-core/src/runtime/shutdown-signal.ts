/** The wish that all instances of the application end, on its way through a member of the group. */
export interface ShutdownSignal {
  /** True when this member asks for it: said to the group with each join from then on. */
  isRequested: boolean
  /** Called when the group has said it. */
  readonly onRequested: () => void
}

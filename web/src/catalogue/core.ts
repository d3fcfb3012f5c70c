/** The typed core fields every carrier has. All other attributes are known only from the catalogue. */
export const STATUS = 'status'
export const NAME = 'name'
export const ADDRESS = 'address'
export const SIZE = 'area'
export const DATE = 'available_from'
/** Search parameter for "free by this day", which also takes what is free now. */
export const AVAILABLE_BY = 'available_by'
/** Unit that Chinese readers expect beside square metres for land. */
export const LAND_UNIT = 'mu'
/** Collections of carriers in the order of the switch. The first is shown when the address names none. */
export const CARRIERS = ['parcels', 'buildings', 'units'] as const
/** Evidence, strongest first. */
export const EVIDENCE = ['document', 'measured', 'seen', 'told'] as const

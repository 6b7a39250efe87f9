import { createContext } from 'svelte';
import type { Studio } from './studio.svelte';

/** The studio that the components around belong to. */
export const [getStudio, setStudio] = createContext<Studio>();

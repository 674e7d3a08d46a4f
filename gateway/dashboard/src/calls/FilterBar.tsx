import { useId, useState } from "react";
import { useText } from "../i18n/I18n";
import { Button } from "../ui/Button";
import { Select } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { ActiveFilters } from "./ActiveFilters";
import styles from "./FilterBar.module.css";
import { FilterPanel } from "./FilterPanel";
import { FILTERS, ORDERS } from "./filters";
import { SearchField } from "./SearchField";
import { useFilters } from "./useFilters";

/** Search, filters and order. */
export function FilterBar() {
  const { text } = useText();
  const { filters, set } = useFilters();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const count = FILTERS.filter((name) => name !== "text" && filters[name]).length;
  return (
    <search className={styles.search}>
      <div className={styles.bar}>
        <SearchField value={filters.text ?? ""} onChange={(value) => set("text", value)} />
        <Button
          icon={<Icon name="filter" />}
          aria-expanded={open}
          aria-controls={panel}
          onClick={() => setOpen(!open)}
          className={styles.toggle}
        >
          {text.calls.filters}
          {count > 0 && <span className={styles.count}>{count}</span>}
        </Button>
        <div className={styles.order}>
          <Select
            label={text.calls.order}
            labelHidden
            value={filters.order ?? "newest"}
            onChange={(value) => set("order", value)}
            options={ORDERS.map((order) => [order, text.calls.orders[order]])}
          />
        </div>
      </div>
      <div id={panel} hidden={!open}>
        {open && <FilterPanel />}
      </div>
      <ActiveFilters />
    </search>
  );
}

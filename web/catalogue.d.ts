declare module "virtual:catalogue" {
  const catalogue: import("./state/catalogue.ts").Catalogue;
  export default catalogue;
}

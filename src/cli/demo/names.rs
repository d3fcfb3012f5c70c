//! Invented firms and people. Every firm says that it is invented, no telephone number can be called.
use super::random::Random;

/// zh, Latin.
const BRANDS: [(&str, &str); 28] = [
    ("炬澜", "Julanto"),
    ("珩屿", "Hengyuva"),
    ("霁川", "Jichuanor"),
    ("砚禾", "Yanhelo"),
    ("沐岚", "Mulantis"),
    ("垚启", "Yaoqix"),
    ("瓴越", "Lingyevo"),
    ("璟朔", "Jingshuo"),
    ("曜禾", "Yaohe"),
    ("澈元", "Cheyuan"),
    ("泓砺", "Hongli"),
    ("苇航", "Weihang"),
    ("昀石", "Yunshi"),
    ("枫骁", "Fengxiao"),
    ("钰帆", "Yufan"),
    ("嵘光", "Rongguang"),
    ("凇海", "Songhai"),
    ("鹭衡", "Luheng"),
    ("栎成", "Licheng"),
    ("汐能", "Xineng"),
    ("沛镁", "Peimei"),
    ("恺微", "Kaiwei"),
    ("朗序", "Langxu"),
    ("绎芯", "Yixin"),
    ("虞铭", "Yuming"),
    ("翊材", "Yicai"),
    ("芮康", "Ruikang"),
    ("樾达", "Yueda"),
];

/// zh, en: what a firm makes.
const TRADES: [(&str, &str); 16] = [
    ("精密机械", "Precision Machinery"),
    ("智能装备", "Smart Equipment"),
    ("半导体封装", "Chip Packaging"),
    ("电子材料", "Electronic Materials"),
    ("光学镜片", "Optical Lenses"),
    ("医疗器械", "Medical Devices"),
    ("硅胶制品", "Silicone Parts"),
    ("汽车零部件", "Auto Parts"),
    ("新能源电池", "Battery Cells"),
    ("生物医药", "Biopharma"),
    ("模具", "Tooling"),
    ("传感器", "Sensors"),
    ("食品科技", "Food Technology"),
    ("家用纺织", "Home Textiles"),
    ("物流", "Logistics"),
    ("工业机器人", "Industrial Robots"),
];

/// Firms from abroad.
const ABROAD: [&str; 12] = [
    "Tannbichl Kunststofftechnik GmbH (AT)",
    "Öhrenfeld Feinmechanik AG (DE)",
    "Rosshalde Ventiltechnik GmbH (DE)",
    "Quellmark Sensorik AG (CH)",
    "Pulau Lestari Precision Pte Ltd (SG)",
    "Bukit Seraya Biologics Pte Ltd (SG)",
    "Harbourmere Packaging Pte Ltd (SG)",
    "Lindwasser Medizintechnik GmbH (AT)",
    "Mizukoshi Seiko KK (JP)",
    "Northfall Coatings Ltd (UK)",
    "Valdoro Stampi Srl (IT)",
    "Eschwiler Antriebe GmbH (DE)",
];

const FAMILY: [&str; 10] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"];
const GIVEN: [&str; 6] = ["示例", "样本", "虚构", "试用", "演示", "范例"];
const ABROAD_PEOPLE: [&str; 5] = ["Erika Beispiel", "Max Muster", "Tan Wei Demo", "Anna Vorlage", "Lim Sample"];

/// A firm, three quarters of them Chinese.
pub fn firm(random: &mut Random) -> String {
    if random.chance(0.25) {
        return foreign_firm(random);
    }
    let ((brand, latin), (trade, english)) = (*random.pick(&BRANDS), *random.pick(&TRADES));
    format!("{brand}{trade}有限公司(虚构) {latin} {english} (invented)")
}

/// A firm from abroad.
pub fn foreign_firm(random: &mut Random) -> String {
    format!("{}, invented", random.pick(&ABROAD))
}

/// A short name of a firm's works, for a building or plot.
pub fn works(random: &mut Random) -> String {
    let ((brand, latin), (trade, english)) = (*random.pick(&BRANDS), *random.pick(&TRADES));
    format!("{brand}{trade}(示范) {latin} {english}")
}

/// A person.
pub fn person(random: &mut Random) -> String {
    if random.chance(0.2) {
        return (*random.pick(&ABROAD_PEOPLE)).to_owned();
    }
    format!("{}{}", random.pick(&FAMILY), random.pick(&GIVEN))
}

/// A number of the area code 000, which nobody has.
pub fn phone(random: &mut Random) -> String {
    format!("000-{:04}-{:04}", random.whole(0, 99), random.whole(0, 9999))
}

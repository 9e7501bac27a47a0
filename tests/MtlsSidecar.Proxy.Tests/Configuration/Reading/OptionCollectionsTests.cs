using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Tests.Configuration.Reading;

public sealed class OptionCollectionsTests
{
    /// <summary>One that is missing would end the published program where its key is first given.</summary>
    [Fact]
    public void EveryCollectionOfTheOptions_CanBeMade()
    {
        var collections = CollectionsOf(typeof(SidecarOptions)).Distinct().ToArray();

        collections.Should().Contain([typeof(List<Uri>), typeof(Dictionary<string, UpstreamOptions>), typeof(List<RuleSourceOptions>)]);
        foreach (var type in collections)
        {
            (OptionTypes.IsList(type) ? (object)OptionCollections.List(type) : OptionCollections.Dictionary(type)).Should().BeOfType(type);
        }
    }

    /// <summary>What lies elsewhere loses its setters in the published program: <c>src/MtlsSidecar/TrimmerRoots.xml</c>.</summary>
    [Fact]
    public void EveryOptionType_LiesWhereTheProgramKeepsIt()
        => CollectionsOf(typeof(SidecarOptions)).SelectMany(type => type.GetGenericArguments()).Where(OptionTypes.IsSection)
            .Concat(OptionTypes.PropertiesOf(typeof(SidecarOptions)).Select(property => property.PropertyType).Where(OptionTypes.IsSection))
            .Should().OnlyContain(type => type.Namespace == "MtlsSidecar.Proxy.Configuration");

    private static IEnumerable<Type> CollectionsOf(Type options) => OptionTypes.PropertiesOf(options).SelectMany(property => Within(property.PropertyType));

    private static IEnumerable<Type> Within(Type type)
    {
        if (OptionTypes.IsSection(type))
        {
            return CollectionsOf(type);
        }

        return OptionTypes.IsList(type) || OptionTypes.IsDictionary(type) ? [type, .. Within(type.GetGenericArguments()[^1])] : [];
    }
}

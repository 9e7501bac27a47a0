using MtlsSidecar.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("MtlsSidecar.EndToEnd.Tests.Harness." + nameof(LongestFirst), "MtlsSidecar.EndToEnd.Tests")]

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>Lets the classes that take longest begin first: one of them begun last would be waited for when nothing else is left to do.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
    [
        typeof(Connections.LiveConnectionTests),
        typeof(Lifecycle.EnrolmentTests),
        typeof(Inbound.AuthorityValidatorTests),
        typeof(Tunnels.DestinationTests),
        typeof(Inbound.SlowPeerTests),
        typeof(Tunnels.BrokerTests),
        typeof(Inbound.RevocationSourceTests),
        typeof(Tunnels.ProxyProtocolTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections)
        => testCollections.OrderBy(collection => Array.FindIndex(
            Longest, type => collection.DisplayName.EndsWith(type.FullName!, StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
}

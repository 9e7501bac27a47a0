using System.Globalization;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Tests.Issuing;

public sealed class WorkloadSubjectTests
{
    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Subject_HasAHundredDnsNamesAtMost(int count, bool isGood)
    {
        var names = Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"web-{i}.foo.test")).ToList();

        WorkloadSubject.TryCreate("spiffe://foo.test/web", names, TrustDomain.Parse("foo.test"), out _, out _).Should().Be(isGood);
    }
}

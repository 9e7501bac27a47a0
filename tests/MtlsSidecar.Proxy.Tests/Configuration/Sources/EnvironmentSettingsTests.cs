using System.Collections;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Configuration.Sources;

namespace MtlsSidecar.Proxy.Tests.Configuration.Sources;

public sealed class EnvironmentSettingsTests
{
    [Fact]
    public void KeySetInTwoSpellings_IsAnError()
    {
        var errors = new List<ConfigurationError>();
        var variables = new Hashtable { ["Sidecar__Name"] = "a", ["SIDECAR__NAME"] = "b" };

        EnvironmentSettings.Read(variables, ["Sidecar"], errors);

        errors.Should().ContainSingle().Which.Key.Should().BeEquivalentTo("Sidecar:Name");
    }

    [Fact]
    public void Index_MarksEveryListAboveIt()
    {
        var variables = new Hashtable { ["Sidecar__P__0__Rules__1__Name"] = "a" };

        EnvironmentSettings.Read(variables, ["Sidecar"], []).Lists.Should().BeEquivalentTo("Sidecar:P", "Sidecar:P:0:Rules");
    }
}
